import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import type { Downfall, SupervisedJob } from './supervised-job.ts'
import { supervise, type SupervisedServer } from './supervised-server.ts'

const ANSWER_LIMIT_MS = 60_000
const PORT_ATTEMPTS = 3
const PORT_TAKEN = /address already in use|port is already allocated/i

export interface RunningServer {
  readonly url: string
  readonly version: string
  readonly stop: () => Promise<void>
}

/** A server of our own, which may be brought down. It comes back on the same port, with what it had kept on the disk. */
export interface PrivateServer extends RunningServer {
  /** Kills the server's process without a warning, and resolves when it answers again. */
  readonly crash: () => Promise<void>
  /** Ends it the regular way, and resolves when it answers again. */
  readonly restart: () => Promise<void>
  /** Resolves when its process has ended. Default: `kill`, without a warning. */
  readonly takeDown: (how?: Downfall) => Promise<void>
  /** Resolves when it answers again. */
  readonly bringUp: () => Promise<void>
}

export interface ServerPlan {
  /** For its folder. */
  readonly name: string
  /** What a person calls this server. */
  readonly title: string
  /** What it says of itself; anything else is not the server that was meant. */
  readonly version: RegExp
  /** How long the preparations may take: an image to pull takes longer than a data folder to write. */
  readonly prepareLimitMs: number
  readonly job: (place: ServerPlace) => SupervisedJob | Promise<SupervisedJob>
  /** Asks the server for its version. Rejects while it does not answer. */
  readonly askVersion: (place: ServerPlace) => Promise<string>
  /** What is made on it before anybody gets it. */
  readonly setUp?: (place: ServerPlace) => Promise<void>
  readonly url: (place: ServerPlace) => string
}

export interface ServerPlace {
  /** Not there yet: the supervisor makes it. */
  readonly folder: string
  readonly port: number
  readonly password: string
}

/** Starts a server of our own on a free port of 127.0.0.1, and answers when it does. */
export async function startPrivateServer(plan: ServerPlan): Promise<PrivateServer> {
  // mariadb-install-db, a shell script, splits its arguments at white space.
  if (/\s/.test(tmpdir())) throw new Error(`TMPDIR is "${tmpdir()}"; it must be a path without white space.`)
  for (let attempt = 1; ; attempt++) {
    const folder = join(tmpdir(), `claim-once-${plan.name}-${randomBytes(6).toString('hex')}`)
    const place = { folder, port: await freePort(), password: randomBytes(12).toString('hex') }
    const server = supervise(await plan.job(place))
    try {
      const version = await firstStart(plan, place, server)
      return { url: plan.url(place), version, stop: server.stop, ...switches(plan, place, server) }
    } catch (error) {
      const log = server.logExcerpt()
      await server.stop()
      if (attempt < PORT_ATTEMPTS && PORT_TAKEN.test(log)) continue
      const message = error instanceof Error ? error.message : String(error)
      throw new Error(`${plan.title} did not start: ${message}\nFrom its log:\n${log || '(empty)'}`, { cause: error })
    }
  }
}

async function firstStart(plan: ServerPlan, place: ServerPlace, server: SupervisedServer): Promise<string> {
  await within(plan.prepareLimitMs, 'its preparation', Promise.race([server.started, server.broken]))
  const version = await firstAnswer(plan, place, server)
  if (!plan.version.test(version)) throw new Error(`it is version ${version}.`)
  await plan.setUp?.(place)
  return version
}

function switches(
  plan: ServerPlan,
  place: ServerPlace,
  server: SupervisedServer,
): Omit<PrivateServer, keyof RunningServer> {
  const bringUp = async (): Promise<void> => {
    await server.start()
    await firstAnswer(plan, place, server)
  }
  const again = (how: Downfall) => async (): Promise<void> => {
    await server.bringDown(how)
    await bringUp()
  }
  return {
    crash: again('kill'),
    restart: again('terminate'),
    takeDown: (how = 'kill') => server.bringDown(how),
    bringUp,
  }
}

/** A server is ready when it has answered a query, not before. */
async function firstAnswer(plan: ServerPlan, place: ServerPlace, server: SupervisedServer): Promise<string> {
  const deadline = Date.now() + ANSWER_LIMIT_MS
  for (;;) {
    try {
      return await plan.askVersion(place)
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(`it did not answer within ${ANSWER_LIMIT_MS / 1000} s: ${(error as Error).message}`, {
          cause: error,
        })
      }
      await Promise.race([pause(50), server.broken])
    }
  }
}

async function within<Value>(limitMs: number, what: string, work: Promise<Value>): Promise<Value> {
  const limit = new AbortController()
  const late = pause(limitMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`${what} took longer than ${limitMs / 1000} s.`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    limit.abort()
  }
}
