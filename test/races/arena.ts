import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Caller, Finish, Numbered, Reply, Request, SessionFacts, Side } from './contest.ts'

const WORKER = fileURLToPath(new URL('./worker/main.ts', import.meta.url))

export interface Start {
  readonly orderId: number
  readonly callers: readonly Caller[]
  readonly withEffect: boolean
}

/**
 * Two processes that stay alive from race to race. Both stand at the barrier, connected and warmed up, until `race`
 * releases them by one message each.
 */
export class Arena {
  readonly #processes: readonly ChildProcess[]
  #number = 0

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes
  }

  static start(): Arena {
    return new Arena([startProcess(), startProcess()])
  }

  /** Both sides connected, warmed up and at the barrier. */
  async open(sides: readonly [Side, Side], claimedOrder: number): Promise<SessionFacts[]> {
    const facts = await this.#ask<SessionFacts[]>(sides.map((side) => ({ ask: 'open', side, claimedOrder })))
    return facts.flat()
  }

  async race(start: Start): Promise<Finish> {
    const finishes = await this.#ask<Finish>(this.#processes.map(() => ({ ask: 'race', ...start })))
    return {
      answers: finishes.flatMap(({ answers }) => answers),
      retries: finishes.flatMap(({ retries }) => retries),
    }
  }

  async close(): Promise<SessionFacts[]> {
    return (await this.#ask<SessionFacts[]>(this.#processes.map(() => ({ ask: 'close' })))).flat()
  }

  async stop(): Promise<void> {
    for (const worker of this.#processes) {
      if (worker.exitCode !== null || worker.signalCode !== null) continue
      const gone = once(worker, 'exit')
      worker.kill()
      await gone
    }
  }

  /** All requests are sent before any answer is waited for. */
  async #ask<Value>(requests: readonly Request[]): Promise<Value[]> {
    this.#number += 1
    const number = this.#number
    const replies = this.#processes.map((worker) => replyOf(worker, number))
    this.#processes.forEach((worker, index) => worker.send({ ...requests[index]!, number }))
    const told = await Promise.all(replies)
    return told.map((reply) => {
      if ('failed' in reply) throw new Error(`A process of the race failed: ${reply.failed}`)
      return reply.value as Value
    })
  }
}

function startProcess(): ChildProcess {
  return fork(WORKER, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function replyOf(worker: ChildProcess, number: number): Promise<Reply> {
  return new Promise((resolve) => {
    const over = (reply: Reply): void => {
      worker.off('message', told)
      worker.off('exit', ended)
      resolve(reply)
    }
    const told = (message: unknown): void => {
      const reply = message as Numbered<Reply>
      if (reply.number === number) over(reply)
    }
    const ended = (code: number | null, signal: string | null): void =>
      over({ failed: `it ended with ${String(code ?? signal)}` })
    worker.on('message', told)
    worker.on('exit', ended)
  })
}
