import { spawn } from 'node:child_process'
import type { Account } from './supervised-job.ts'

export interface CommandResult {
  readonly ok: boolean
  readonly stdout: string
  /** Both streams as they came; for a program that could not be started, why. */
  readonly output: string
}

export interface CommandOptions {
  readonly timeoutMs: number
  readonly account?: Account
  /** Default: this process's own. */
  readonly cwd?: string
}

/**
 * Runs a program to its end. Never rejects: a missing program, an exit code and a passed time limit are all `ok: false`.
 * It stays in our process group, so that Ctrl-C ends it too.
 */
export function runCommand(program: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
      cwd: options.cwd,
      ...options.account,
    })
    let stdout = ''
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), (output += text)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    const finish = (ok: boolean, remark = '') => {
      clearTimeout(limit)
      resolve({ ok, stdout, output: output + remark })
    }
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      // Its own children may hold the pipes open for as long as they live: 'close' is not waited for.
      child.stdout.destroy()
      child.stderr.destroy()
      finish(false, `\n${program} was ended: it took longer than ${options.timeoutMs / 1000} s.`)
    }, options.timeoutMs)
    child.on('error', (error) => finish(false, `${program} could not be started: ${error.message}`))
    child.on('close', (code) => finish(code === 0))
  })
}

/** The last lines of a long output, for messages. */
export function tailOf(text: string, lines = 15): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
