import { fork } from 'node:child_process'
import { join } from 'node:path'

/** What one process of a race was told, and answered. */
export interface Assignment {
  readonly file: string
  readonly way: string
  readonly ids: readonly number[]
}

export interface Report {
  readonly outcomes: readonly string[]
  readonly errors: readonly string[]
}

/** Starts a process for each assignment, lets them begin at once when all are ready, and collects their reports. */
export async function race(assignments: readonly Assignment[]): Promise<Report[]> {
  const processes = assignments.map((assignment) => {
    const child = fork(join(import.meta.dirname, 'claimer-process.ts'), [JSON.stringify(assignment)])
    const messages: unknown[] = []
    const waiting: ((message: unknown) => void)[] = []
    let died: (error: Error) => void = () => {}
    const death = new Promise<never>((_resolve, reject) => (died = reject))
    death.catch(() => {})
    child.on('message', (message) => {
      const next = waiting.shift()
      if (next === undefined) messages.push(message)
      else next(message)
    })
    child.on('exit', (code) => died(new Error(`A process on ${assignment.way} ended with ${code} before its report.`)))
    const message = (): Promise<unknown> =>
      Promise.race([
        death,
        messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve)),
      ])
    return { child, message }
  })
  try {
    await Promise.all(processes.map(({ message }) => message()))
    for (const { child } of processes) child.send('go')
    return (await Promise.all(processes.map(({ message }) => message()))) as Report[]
  } finally {
    for (const { child } of processes) child.kill()
  }
}
