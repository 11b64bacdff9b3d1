import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Assignment, Worked } from './way-process.ts'
import type { Size, WayName } from './way.ts'

/**
 * A worker runs for days, and a slice for a second: what is called often is compiled after fewer calls than usual, in
 * all ways alike.
 */
export const COMPILED_EARLY = ['--invocation-count-for-maglev=50', '--invocation-count-for-turbofan=300'] as const

/** One way of working orders off, in a process of its own. */
export class WayProcess {
  readonly name: WayName
  readonly size: Size
  readonly #process: ChildProcess

  private constructor({ name, size }: Assignment, child: ChildProcess) {
    this.name = name
    this.size = size
    this.#process = child
  }

  static async start(assignment: Assignment): Promise<WayProcess> {
    const execArgv = [...process.execArgv, ...COMPILED_EARLY]
    const child = fork(new URL('way-process.ts', import.meta.url), [JSON.stringify(assignment)], { execArgv })
    await answerOf(child)
    return new WayProcess(assignment, child)
  }

  async workFor(seconds: number): Promise<Worked> {
    this.#process.send(seconds)
    return (await answerOf(this.#process)) as Worked
  }

  async stop(): Promise<void> {
    if (!this.#process.connected) return
    const gone = once(this.#process, 'exit')
    this.#process.disconnect()
    await gone
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const end = (code: number | null): void => reject(new Error(`A way has ended with ${code}.`))
  child.once('message', resolve)
  child.once('exit', end)
  try {
    return await promise
  } finally {
    child.off('message', resolve)
    child.off('exit', end)
  }
}
