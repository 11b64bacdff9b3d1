import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  LOG_NAME,
  type Downfall,
  type SupervisedJob,
  type SupervisorNews,
  type SupervisorOrder,
} from './supervised-job.ts'

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url))

/** One server under its supervisor, seen from the tests' process. */
export interface SupervisedServer {
  /** The preparations are done and the server's process runs; it may not answer yet. */
  readonly started: Promise<void>
  /** Only ever rejects: the server, or its preparation, ended without being asked to. */
  readonly broken: Promise<never>
  /** The beginning and the end of all that the preparations and the server wrote. */
  readonly logExcerpt: () => string
  /** Brings the server down and leaves it so; resolves when its process has ended. */
  readonly bringDown: (how: Downfall) => Promise<void>
  /** Starts a server that was brought down, on what it left; resolves when its process runs, which may not answer yet. */
  readonly start: () => Promise<void>
  /** The server has ended and its folder is gone when this resolves. May be called more than once. */
  readonly stop: () => Promise<void>
}

export function supervise(job: SupervisedJob): SupervisedServer {
  // No inherited stderr: a supervisor must not keep the pipe behind `npm test | tee` open.
  const supervisor = spawn(process.execPath, [SUPERVISOR], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = new Promise<void>((resolve) => {
    supervisor.once('exit', () => resolve())
    supervisor.once('error', () => resolve())
  })
  const news = createInterface({ input: supervisor.stdout })
  const onNews = (listen: (told: SupervisorNews) => void) =>
    news.on('line', (line) => listen(JSON.parse(line) as SupervisorNews))

  const started = new Promise<void>((resolve) => onNews((told) => told.news === 'started' && resolve()))
  const broken = new Promise<never>((_, reject) => {
    onNews((told) => told.news === 'ended' && reject(new Error(told.what)))
    supervisor.once('error', (error) => reject(new Error(`the supervisor could not be started: ${error.message}`)))
    supervisor.once('exit', (code) => reject(new Error(`the supervisor ended with exit code ${code}.`)))
  })
  // Awaited only while the server starts: afterwards the end of a server is no unhandled rejection.
  broken.catch(() => undefined)

  supervisor.stdin.on('error', () => {
    // The supervisor is gone; its 'exit' says so.
  })
  supervisor.stdin.write(`${JSON.stringify(job)}\n`)

  // A process that forgets stop() can still end, and its server then ends with it.
  supervisor.unref()
  for (const pipe of [supervisor.stdin, supervisor.stdout]) (pipe as unknown as Socket).unref()

  const order = async (told: SupervisorOrder, answer: SupervisorNews['news']): Promise<void> => {
    const answered = new Promise<void>((resolve) => {
      const listen = (line: string): void => {
        if ((JSON.parse(line) as SupervisorNews).news !== answer) return
        news.off('line', listen)
        resolve()
      }
      news.on('line', listen)
    })
    const answers = supervisor.stdout as unknown as Socket
    answers.ref()
    supervisor.stdin.write(`${told}\n`)
    await Promise.race([answered, broken]).finally(() => answers.unref())
  }

  return {
    started,
    broken,
    logExcerpt() {
      try {
        return excerptOf(readFileSync(join(job.folder, LOG_NAME), 'utf8'))
      } catch {
        return ''
      }
    },
    bringDown: (how) => order(how, 'down'),
    start: () => order('start', 'started'),
    async stop() {
      supervisor.ref()
      supervisor.stdin.end()
      await exited
    },
  }
}

/** The end says how a server died; when mariadb-install-db fails it ends in a page of advice, and the error stands at the beginning. */
function excerptOf(log: string): string {
  const lines = log.trimEnd().split('\n')
  return lines.length <= 24 ? lines.join('\n') : [...lines.slice(0, 8), '…', ...lines.slice(-15)].join('\n')
}
