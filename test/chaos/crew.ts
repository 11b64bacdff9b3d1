import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProxy } from '../support/mysql-proxy.ts'
import type { Intercept } from '../support/mysql-line.ts'
import { fromLines } from '../../src/testing/history/lines.ts'
import type { HistoryEvent } from '../../src/testing/index.ts'
import type { Prng } from './plan/prng.ts'
import type { WorkerSettings } from './contest.ts'
import type { Saboteur } from './saboteur.ts'
import { WorkerProcess } from './worker-process.ts'

export interface CrewSettings {
  readonly size: number
  /** Without what is each worker's own. */
  readonly worker: Omit<WorkerSettings, 'name' | 'url' | 'clockOffsetMs' | 'historyFile'>
}

const HOUR_MS = 3_600_000
const CLOCKS = [0, HOUR_MS, -HOUR_MS]

/** How long a new worker may take until it can be called, on a machine that is busy otherwise. */
const READY_LIMIT_MS = 60_000

/** A worker that cannot even start would be replaced for ever. */
const DEATHS_LIMIT = 20

/** The workers of the shop. Whoever dies is replaced at once, by a process that knows nothing of what was. */
export class Crew {
  readonly #settings: CrewSettings
  readonly #saboteur: Saboteur
  readonly #workers = new Set<WorkerProcess>()
  readonly #deaths: string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'claim-once-chaos-'))
  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true })
  #events: HistoryEvent[] = []
  #waiting: (() => void)[] = []
  #started = 0
  #stopping = false
  #failed: (error: Error) => void = () => {}
  /** Only ever rejects: the crew cannot be kept up. */
  readonly failed: Promise<never>

  constructor(settings: CrewSettings, saboteur: Saboteur) {
    this.#settings = settings
    this.#saboteur = saboteur
    this.failed = new Promise((_, reject) => (this.#failed = reject))
    this.failed.catch(() => {})
    // Also where the run is broken off. The workers end with their channel.
    process.on('exit', this.#remove)
  }

  /** How many processes there have been. */
  get started(): number {
    return this.#started
  }

  /** Workers that ended although nobody had killed them. */
  get deaths(): readonly string[] {
    return this.#deaths
  }

  /** The histories of those who are gone, which after {@link stop} are all. */
  get events(): readonly HistoryEvent[] {
    return this.#events
  }

  async start(): Promise<void> {
    // One first: it fills the cache for the others.
    await (
      await this.#add()
    ).ready
    await Promise.all(Array.from({ length: this.#settings.size - 1 }, async () => (await this.#add()).ready))
  }

  /** One that can be called, when there is one. */
  async pick(prng: Prng): Promise<WorkerProcess> {
    for (;;) {
      const answering = [...this.#workers].filter((worker) => worker.answering)
      if (answering.length > 0) return prng.pick(answering)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    const workers = [...this.#workers]
    for (const worker of workers) worker.kill()
    await Promise.all(workers.map(({ gone }) => gone))
    process.off('exit', this.#remove)
    this.#remove()
  }

  async #add(): Promise<WorkerProcess> {
    this.#started += 1
    const number = this.#started
    let intercept: Intercept = () => null
    const proxy = await openProxy(this.#settings.worker.outsideUrl, (statement) => intercept(statement))
    const name = `worker ${number}`
    const historyFile = join(this.#folder, `${number}.jsonl`)
    const clockOffsetMs = CLOCKS[number % CLOCKS.length] ?? 0
    const worker = new WorkerProcess(
      proxy,
      { ...this.#settings.worker, name, url: proxy.url, clockOffsetMs, historyFile },
      // A killed process saves no compiled code: all share what one that became ready has saved.
      { NODE_COMPILE_CACHE: join(this.#folder, 'compiled') },
      (order, victim) => this.#saboteur.working(order, victim),
    )
    intercept = this.#saboteur.intercept(worker)
    this.#workers.add(worker)
    const limit = setTimeout(
      () => this.#failed(new Error(`${worker.name} was not ready within ${READY_LIMIT_MS / 1000} s.`)),
      READY_LIMIT_MS,
    )
    void worker.ready.then(() => {
      clearTimeout(limit)
      const waiting = this.#waiting
      this.#waiting = []
      for (const look of waiting) look()
    })
    void worker.gone.then((said) => {
      this.#collect(historyFile)
      this.#replace(worker, said)
    })
    return worker
  }

  #collect(file: string): void {
    if (!existsSync(file)) return
    for (const event of fromLines(readFileSync(file, 'utf8'))) this.#events.push(event)
    rmSync(file)
  }

  #replace(worker: WorkerProcess, said: string | null): void {
    this.#workers.delete(worker)
    if (said !== null) this.#deaths.push(said)
    if (this.#stopping) return
    if (this.#deaths.length < DEATHS_LIMIT) this.#add().catch(this.#failed)
    else this.#failed(new Error(`${this.#deaths.length} workers ended by themselves. The last: ${said ?? ''}`))
  }
}
