/**
 * A process of its own that keeps one server for the tests' process, so that no server outlives a test run, however that ends.
 *
 * 1. It reads its job from the first line of stdin, a pipe whose other end only the tests' process holds.
 * 2. It makes the job's folder, runs the preparations, then the server, and tells so on stdout.
 *    A line that says `kill` or `terminate` brings the server down; one that says `start` starts it again on what it left.
 * 3. When the pipe ends it stops the server (SIGTERM, SIGKILL after a limit), removes the folder and exits. The operating system ends
 *    the pipe when the tests' process dies, also by SIGKILL, so a regular stop and a crash take the same way.
 *
 * It runs in a session of its own: Ctrl-C in the terminal reaches the tests, which may still need the server, but not us.
 * If the supervisor itself is killed by SIGKILL, its server stays: nothing else here watches it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { chownSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import {
  LOG_NAME,
  type Command,
  type SupervisedJob,
  type SupervisorNews,
  type SupervisorOrder,
} from './supervised-job.ts'

// Below vitest's teardownTimeout of 10 s. MariaDB sometimes misses a SIGTERM that comes while it starts.
const STOP_LIMIT_MS = 8_000
const ORPHANS_LIMIT_MS = 1_000

const stopRequest = new AbortController()
const orders = new EventEmitter<Record<SupervisorOrder, []>>()
let running: ChildProcess | undefined
/** The server is to end, and to wait for `start`. */
let bringingDown = false
let stopSignal: NodeJS.Signals | 0 = 'SIGKILL'

function stop(): void {
  if (stopRequest.signal.aborted) return
  stopRequest.abort()
  signalGroup(stopSignal)
  setTimeout(() => signalGroup('SIGKILL'), STOP_LIMIT_MS).unref()
}

/** Every command leads a process group: mariadb-install-db is a shell script with children of its own. Answers whether any is left. */
function signalGroup(signal: NodeJS.Signals | 0): boolean {
  if (running?.pid === undefined) return false
  try {
    process.kill(-running.pid, signal)
    return true
  } catch {
    return false
  }
}

/** Runs a command to its end and answers how it ended; undefined when it exited with 0. */
function run(command: Command, folder: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const log = openSync(join(folder, LOG_NAME), 'a')
    const child = spawn(command.program, command.args, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...command.env },
      ...command.account,
    })
    closeSync(log)
    running = child
    const ended = async (how: string | undefined) => {
      // A script may end before its children, which would still write into the folder we are about to remove. With a limit: where
      // process 1 of a container reaps no orphans, the dead ones count as group members for ever.
      for (const limit = Date.now() + ORPHANS_LIMIT_MS; signalGroup(0) && Date.now() < limit;) await pause(20)
      running = undefined
      resolve(how)
    }
    child.on('error', (error) => void ended(`could not be started: ${error.message}`))
    child.on(
      'exit',
      (code, signal) => void ended(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}`),
    )
  })
}

function tell(news: SupervisorNews): void {
  process.stdout.write(`${JSON.stringify(news)}\n`)
}

function makeFolder({ folder, subfolders = [], files = {}, owner }: SupervisedJob): void {
  const made = [folder, ...subfolders.map((name) => join(folder, name))]
  // Not recursive: a folder of that name that is there already is somebody else's.
  for (const path of made) mkdirSync(path, { mode: 0o700 })
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    made.push(path)
  }
  if (owner) for (const path of made) chownSync(path, owner.uid, owner.gid)
}

async function runJob(job: SupervisedJob): Promise<void> {
  for (const command of job.prepare) {
    // While a data folder is being written the servers ignore SIGTERM, and half of one is of no use to anybody.
    stopSignal = command.uninterrupted ? 0 : 'SIGKILL'
    const failure = await run(command, job.folder)
    if (stopRequest.signal.aborted) return
    if (failure !== undefined) {
      tell({ news: 'ended', what: `${command.program} ${failure}` })
      return
    }
  }
  stopSignal = 'SIGTERM'
  while (true) {
    const end = run(job.server, job.folder)
    tell({ news: 'started' })
    const failure = await end
    if (stopRequest.signal.aborted) return
    if (!wasBroughtDown()) {
      tell({ news: 'ended', what: `${job.server.program} ${failure ?? 'ended by itself'}` })
      return
    }
    const start = once(orders, 'start', { signal: stopRequest.signal })
    tell({ news: 'down' })
    const toStart = await start.then(
      () => true,
      () => false,
    )
    if (!toStart) return
  }
}

/** Whether the end of the server was the one that was asked for. */
function wasBroughtDown(): boolean {
  const asked = bringingDown
  bringingDown = false
  return asked
}

function bringDown(signal: NodeJS.Signals): void {
  const server = running
  // While the preparations run there is no server yet.
  if (stopSignal !== 'SIGTERM' || bringingDown) return
  if (server === undefined) {
    tell({ news: 'down' })
    return
  }
  bringingDown = true
  signalGroup(signal)
  // Only this process of it: by then the next one may run.
  setTimeout(() => running === server && signalGroup('SIGKILL'), STOP_LIMIT_MS).unref()
}
orders.on('kill', () => bringDown('SIGKILL'))
orders.on('terminate', () => bringDown('SIGTERM'))
orders.on('start', () => running && tell({ news: 'started' }))

async function readJob(): Promise<SupervisedJob | undefined> {
  const lines = createInterface({ input: process.stdin })
  lines.once('close', stop)
  const line = await Promise.race([once(lines, 'line'), once(lines, 'close')])
  lines.on('line', (order) => orders.emit(order as SupervisorOrder))
  return line[0] === undefined ? undefined : (JSON.parse(line[0] as string) as SupervisedJob)
}

process.stdout.on('error', () => {
  // Nobody listens any more; the end of stdin says what to do.
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)

const job = await readJob()
if (job) {
  makeFolder(job)
  await runJob(job)
  // A server that ended by itself leaves its log until the tests' process has read it.
  if (!stopRequest.signal.aborted) await once(stopRequest.signal, 'abort')
  if (job.cleanUp) await run(job.cleanUp, job.folder)
  rmSync(job.folder, { recursive: true, force: true, maxRetries: 3 })
}
process.exit(0)
