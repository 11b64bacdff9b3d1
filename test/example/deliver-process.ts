import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const DELIVER = fileURLToPath(new URL('../../examples/server/deliver.ts', import.meta.url))

/** A running `npm run deliver`. */
export interface DeliverProcess {
  /** What it has written so far. */
  readonly text: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  /** Its exit code; `null` where it was killed. */
  readonly ended: Promise<number | null>
}

/** Without npm, which a signal would have to get through. It is gone at the end of the test. */
export function startDeliver(url: string | undefined, ...args: string[]): DeliverProcess {
  const { DATABASE_URL: _, ...env } = process.env
  const child = spawn(process.execPath, [DELIVER, ...args], {
    env: url === undefined ? env : { ...env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (text += chunk.toString()))
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    text: () => text,
    kill: (signal) => void child.kill(signal),
    ended: once(child, 'close').then(([code]) => code as number | null),
  }
}

/** As cron runs it. */
export async function deliver(
  url: string | undefined,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const running = startDeliver(url)
  const code = await running.ended
  return { code, text: running.text() }
}
