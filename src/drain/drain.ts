import { ClaimError } from '../errors.ts'
import { Ahead } from './ahead.ts'
import { BatchWork } from './batch-work.ts'
import type { DrainResult } from './drain-options.ts'
import type { Batch, DrainRunner } from './drain-runner.ts'
import type { DrainTerms } from './drain-terms.ts'
import { DueOrders } from './due-orders.ts'
import { Trouble } from './handler-errors.ts'
import { Stopping } from './stopping.ts'
import { Tally } from './tally.ts'

/** The pauses after troubles of the database in a row, in milliseconds. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000
/** The pauses, in milliseconds, after which a job tries once more to take what is due, and was locked by others. */
const LOCKED_PAUSES_MS = [20, 50, 100, 200, 400]

/**
 * A loop that sees nothing due takes all the same after so long, in milliseconds: it may look through a connection on which
 * somebody has left a transaction open, where the same is seen for ever, and which a take does not accept.
 */
const LONGEST_WITHOUT_TAKE_MS = 60_000

/**
 * A run of a worker. `concurrency` lanes do the same, each on its own:
 *
 * 1. A batch of orders that are due is taken: each is leased to this run.
 * 2. They are worked off. With the last of them the next batch is taken ahead, so that nobody waits for it.
 * 3. Nothing was due: the run ends, or one lane looks again after a pause, while the others wait for it. What others have
 *    locked is passed by a take and is due all the same: a job does not end for that at once.
 *
 * If the process dies: the leases of what it had taken run out, and another worker takes over.
 */
export class Drain {
  readonly #open: () => Promise<DrainRunner>
  readonly #terms: DrainTerms
  readonly #stopping: Stopping
  readonly #ahead: Ahead
  readonly #tally = new Tally()
  readonly #tell: DrainRunner['tell']
  /** One for all lanes. */
  #opening: Promise<DrainRunner> | null = null
  /** The lane that looks whether something is due again. */
  #looking: Promise<null> | null = null
  #dry = false
  #troubles = 0
  #tookAt = 0
  #failure: { readonly error: unknown } | null = null

  /** @param open describes the table, where it is not known yet */
  constructor(open: () => Promise<DrainRunner>, terms: DrainTerms, tell: DrainRunner['tell']) {
    this.#open = open
    this.#terms = terms
    this.#tell = tell
    this.#stopping = new Stopping(terms.signal, terms.stopAfterMs)
    this.#ahead = new Ahead(this.#stopping)
  }

  async run(): Promise<DrainResult> {
    const { concurrency, signal } = this.#terms
    const progress = this.#tellProgress()
    try {
      await Promise.all(Array.from({ length: concurrency }, () => this.#lane()))
      await this.#ahead.end()
    } finally {
      this.#stopping.end()
      await progress.end()
    }
    if (this.#failure !== null) throw this.#failure.error
    return { outcome: signal?.aborted === true ? 'stopped' : 'drained', ...this.#tally.counts }
  }

  async #lane(): Promise<void> {
    while (!this.#stopping.asked) {
      try {
        const work = await this.#next()
        if (work === null) return
        await this.#workOff(work)
      } catch (error) {
        await this.#inTrouble(error)
      }
    }
  }

  /** `null`: nothing is due, and nobody waits until something is; or the run is to stop. */
  async #next(): Promise<BatchWork | null> {
    for (let locked = 0; !this.#stopping.asked;) {
      const ahead = this.#ahead.next()
      if (ahead !== undefined) return ahead
      if (this.#looking !== null) {
        await this.#looking
        continue
      }
      const batch = this.#dry ? await this.#look(this.#terms.pollMs ?? 0) : await this.#take()
      if (batch !== null && batch.orders.length > 0) return await this.#begun(batch)
      if (!this.#ahead.isEmpty) continue
      if (this.#terms.pollMs !== null) {
        this.#dry = true
        continue
      }
      const pauseMs = LOCKED_PAUSES_MS[locked++]
      if (pauseMs === undefined || !(await this.#isLocked())) return null
      await this.#stopping.pause(pauseMs * (0.5 + Math.random()))
    }
    return null
  }

  /** Nothing could be taken, and something is due. */
  async #isLocked(): Promise<boolean> {
    return !this.#stopping.asked && (await new DueOrders(await this.#opened()).areLocked())
  }

  /** After a pause, which differs from process to process, so that they do not all look at once. */
  async #look(pollMs: number): Promise<Batch | null> {
    const { promise, resolve } = Promise.withResolvers<null>()
    this.#looking = promise
    try {
      await this.#stopping.pause(pollMs * (0.75 + Math.random() / 2))
      if (this.#stopping.asked) return null
      const runner = await this.#opened()
      const mustTake = performance.now() - this.#tookAt > LONGEST_WITHOUT_TAKE_MS
      if (!mustTake && !(await new DueOrders(runner).areThere())) {
        this.#troubles = 0
        return null
      }
      runner.newPass()
      const batch = await this.#take()
      this.#dry = batch.orders.length === 0
      return batch
    } finally {
      this.#looking = null
      resolve(null)
    }
  }

  async #take(): Promise<Batch> {
    const runner = await this.#opened()
    const batch = await runner.take(() => this.#stopping.asked)
    this.#tookAt = performance.now()
    this.#troubles = 0
    if (batch.orders.length > 0) {
      const takenOver = batch.orders.filter(({ wasLeased }) => wasLeased).length
      this.#tally.add('taken', batch.orders.length)
      this.#tally.add('takenOver', takenOver)
      this.#tell({ type: 'taken', orders: batch.orders.length, takenOver })
    }
    return batch
  }

  /** What has failed is not remembered: the database may be back, or the column added. */
  async #opened(): Promise<DrainRunner> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return await this.#opening
  }

  /** With the last of it the next batch is taken, for whichever lane is the first to want one. */
  async #workOff(work: BatchWork): Promise<void> {
    let taking = null as Promise<void> | null
    const takeNext = (): void => {
      taking ??= this.#takeAhead()
      // It is awaited below; until then nobody would hear of it.
      taking.catch(() => {})
    }
    try {
      await work.run(takeNext)
    } catch (error) {
      await taking?.catch(() => {})
      throw error
    }
    await taking
  }

  /**
   * Throws only where something may have been taken, and nobody knows. Otherwise the lane takes once more itself, and says
   * then what keeps it from it.
   */
  async #takeAhead(): Promise<void> {
    if (this.#dry) return
    try {
      const batch = await this.#take()
      if (batch.orders.length > 0) this.#ahead.add(await this.#begun(batch))
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_UNKNOWN') throw error
      this.#tell({ type: 'waits', error, pauseMs: 0 })
    }
  }

  /** From here on its leases are renewed. */
  async #begun(batch: Batch): Promise<BatchWork> {
    return new BatchWork(await this.#opened(), this.#terms, batch, this.#stopping, this.#tally)
  }

  /** A loop waits until the database is back; a job that is run again by somebody else ends, and says why. */
  async #inTrouble(thrown: unknown): Promise<void> {
    const error = thrown instanceof Trouble ? thrown.error : thrown
    // It was to stop before the table was described.
    if (error instanceof ClaimError && error.code === 'CLAIM_ABORTED' && this.#stopping.asked) return
    if (this.#terms.pollMs === null || !mayPass(error)) {
      this.#failure ??= { error }
      this.#stopping.ask(error)
      return
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#troubles, 10))
    const pauseMs = Math.round(longest * (0.5 + Math.random() / 2))
    this.#troubles += 1
    this.#tell({ type: 'waits', error, pauseMs })
    await this.#stopping.pause(pauseMs)
    // Without a time that says when, what was given back lies behind.
    await this.#opening?.then((runner) => runner.newPass()).catch(() => {})
  }

  #tellProgress(): { readonly end: () => Promise<void> } {
    const { progressMs } = this.#terms
    if (progressMs === null) return { end: async () => {} }
    let telling: Promise<void> | null = null
    const tell = (): void => {
      telling ??= this.#progress().finally(() => (telling = null))
    }
    const timer = setInterval(tell, progressMs)
    tell()
    return {
      end: async () => {
        clearInterval(timer)
        await telling
        await this.#progress()
      },
    }
  }

  async #progress(): Promise<void> {
    let due: number | null = null
    try {
      due = await new DueOrders(await this.#opened()).count()
    } catch {
      // What keeps it from being counted is told by the lanes.
    }
    this.#tell({ type: 'progress', due, counts: this.#tally.counts })
  }
}

const MAY_PASS = ['CLAIM_UNAVAILABLE', 'CLAIM_UNKNOWN', 'CLAIM_TIMEOUT', 'CLAIM_FAILED'] as const

const mayPass = (error: unknown): boolean => error instanceof ClaimError && MAY_PASS.some((code) => code === error.code)
