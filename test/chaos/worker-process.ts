import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Proxy } from '../support/mysql-proxy.ts'
import type { Answer, News, Request, WorkerSettings } from './contest.ts'
import type { OrderPlan } from './plan/order-plan.ts'
import type { Victim } from './saboteur.ts'

const WORKER = fileURLToPath(new URL('./worker/main.ts', import.meta.url))

/** How much of what a worker wrote is kept for the case that it ends by itself. */
const LAST_WORDS = 2_000

/** A callback without an answer: its worker was killed. */
export type Unanswered = 'worker killed'

/** One process of the shop, seen by the gateway and by the saboteur. */
export class WorkerProcess implements Victim {
  readonly name: string
  /** Resolves with `false` where it died before. */
  readonly ready: Promise<boolean>
  /** Resolves when it is gone, with what it said where nobody had killed it. */
  readonly gone: Promise<string | null>
  readonly #process: ChildProcess
  readonly #proxy: Proxy
  readonly #calls = new Map<
    number,
    { readonly order: string; readonly answered: (answer: Answer | Unanswered) => void }
  >()
  readonly #working: (order: string, victim: Victim) => boolean
  #clockOffsetMs: number
  #lastWords = ''
  #killed = false
  #isReady = false
  #paused = false

  constructor(
    proxy: Proxy,
    settings: WorkerSettings,
    environment: Readonly<Record<string, string>>,
    working: (order: string, victim: Victim) => boolean,
  ) {
    this.name = settings.name
    this.#proxy = proxy
    this.#working = working
    this.#clockOffsetMs = settings.clockOffsetMs
    this.#process = fork(WORKER, {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
    })
    this.#process.stderr?.on('data', (data: Buffer) => {
      this.#lastWords = (this.#lastWords + data.toString()).slice(-LAST_WORDS)
    })
    const exited = once(this.#process, 'exit')
    let becameReady = (_: boolean): void => {}
    this.ready = new Promise((resolve) => (becameReady = resolve))
    this.#process.on('message', (news: News) => {
      if (news.news === 'ready') {
        this.#isReady = true
        becameReady(true)
      } else this.#hear(news)
    })
    this.#process.on('error', (error) => (this.#lastWords += String(error)))
    this.gone = exited.then(async ([code, signal]) => {
      this.#isReady = false
      becameReady(false)
      for (const { answered } of this.#calls.values()) answered('worker killed')
      this.#calls.clear()
      await this.#proxy.close()
      return this.#killed ? null : `${settings.name} ended with ${String(code ?? signal)}. ${this.#lastWords}`
    })
    this.#send({ ask: 'open', settings })
  }

  /** Whether callbacks reach it. A paused one looks like any other, as it would to a load balancer. */
  get answering(): boolean {
    return this.#isReady && !this.#killed
  }

  /** A callback; or, with `pending`, the question what became of an earlier one. */
  call(call: number, order: OrderPlan, pending: string | null = null): Promise<Answer | Unanswered> {
    return new Promise((resolve) => {
      if (!this.answering) {
        resolve('worker killed')
        return
      }
      this.#calls.set(call, { order: order.id, answered: resolve })
      this.#send(pending === null ? { ask: 'call', call, order } : { ask: 'resolve', call, order, pending })
    })
  }

  *orders(): Iterable<string> {
    for (const { order } of this.#calls.values()) yield order
  }

  kill(): boolean {
    if (this.#killed) return false
    this.#killed = true
    return this.#process.kill('SIGKILL')
  }

  pause(ms: number): boolean {
    if (this.#killed || this.#paused) return false
    this.#paused = true
    this.#process.kill('SIGSTOP')
    setTimeout(() => {
      this.#paused = false
      this.#process.kill('SIGCONT')
    }, ms)
    return true
  }

  jumpClock(byMs: number): void {
    this.#clockOffsetMs += byMs
    this.#send({ ask: 'set clock', offsetMs: this.#clockOffsetMs })
  }

  #hear(news: Exclude<News, { readonly news: 'ready' }>): void {
    const call = this.#calls.get(news.call)
    if (call === undefined) return
    switch (news.news) {
      case 'working':
        if (this.#working(news.order, this)) this.#send({ ask: 'go on', call: news.call })
        return
      case 'answered':
        this.#calls.delete(news.call)
        call.answered(news.answer)
    }
  }

  #send(request: Request): void {
    // The channel of a process that was just killed: its end is told by `exit`.
    this.#process.send(request, () => {})
  }
}
