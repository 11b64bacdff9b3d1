import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { administratorSql, DATABASE, serverVersion, setUpForTests, withConnection } from './accounts.ts'
import { freePort } from './free-port.ts'
import type { Lane } from './lanes.ts'
import type { SupervisedJob } from './supervised-job.ts'
import { supervise, type SupervisedServer } from './supervised-server.ts'

const ANSWER_LIMIT_MS = 60_000
const PORT_ATTEMPTS = 3
const PORT_TAKEN = /address already in use|port is already allocated/i

export interface RunningServer {
  readonly url: string
  readonly version: string
  readonly stop: () => Promise<void>
  /** Kills the server's process without a warning, and resolves when it answers again, on the same port and data. */
  readonly crash?: () => Promise<void>
}

export interface ServerPlan {
  /** How long the preparations may take: an image to pull takes longer than a data folder to write. */
  readonly prepareLimitMs: number
  /** The account that can log in by TCP from the first moment. */
  readonly firstUser: 'claim' | 'root'
  /** The server's process is a child of the supervisor, which can so kill it and start it again. */
  readonly canCrash: boolean
  readonly job: (place: ServerPlace) => SupervisedJob | Promise<SupervisedJob>
}

export interface ServerPlace {
  /** Not there yet: the supervisor makes it. */
  readonly folder: string
  readonly port: number
  readonly password: string
}

/** Starts a server of our own on a free port of 127.0.0.1, and answers when it does. */
export async function startPrivateServer(lane: Lane, plan: ServerPlan): Promise<RunningServer> {
  // mariadb-install-db, a shell script, splits its arguments at white space.
  if (/\s/.test(tmpdir())) throw new Error(`TMPDIR is "${tmpdir()}"; it must be a path without white space.`)
  for (let attempt = 1; ; attempt++) {
    const folder = join(tmpdir(), `claim-once-${lane.name}-${randomBytes(6).toString('hex')}`)
    const place = { folder, port: await freePort(), password: randomBytes(12).toString('hex') }
    const server = supervise(await plan.job(place))
    try {
      const opened = await openForTests(lane, plan, place, server)
      const crash = async (): Promise<void> => {
        await server.crash()
        await firstAnswer(opened.url, server)
      }
      return { ...opened, stop: server.stop, ...(plan.canCrash && { crash }) }
    } catch (error) {
      const log = server.logExcerpt()
      await server.stop()
      if (attempt < PORT_ATTEMPTS && PORT_TAKEN.test(log)) continue
      const message = error instanceof Error ? error.message : String(error)
      throw new Error(`${lane.title} did not start: ${message}\nFrom its log:\n${log || '(empty)'}`, { cause: error })
    }
  }
}

async function openForTests(lane: Lane, plan: ServerPlan, place: ServerPlace, server: SupervisedServer) {
  const address = `127.0.0.1:${place.port}`
  const url = `mysql://claim:${place.password}@${address}/${DATABASE}`
  const firstUrl = `mysql://${plan.firstUser}:${place.password}@${address}`
  await within(plan.prepareLimitMs, 'its preparation', Promise.race([server.started, server.broken]))
  const version = await firstAnswer(firstUrl, server)
  if (!lane.version.test(version)) throw new Error(`it is version ${version}.`)
  await withConnection(firstUrl, async (connection) => {
    if (plan.firstUser !== 'claim') for (const sql of administratorSql(place.password)) await connection.query(sql)
    await setUpForTests(connection)
  })
  return { url, version }
}

/** A server is ready when it has answered a query, not before. */
async function firstAnswer(url: string, server: SupervisedServer): Promise<string> {
  const deadline = Date.now() + ANSWER_LIMIT_MS
  for (;;) {
    try {
      return await serverVersion(url)
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
