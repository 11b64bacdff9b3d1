import type { Row } from '../adapters/adapter.ts'
import type { BoundOptions } from '../bind.ts'
import type { Call, Kind, Progress } from '../call.ts'
import type { CallRunner } from '../call-runner.ts'
import type { DescribedTable } from '../described-orders.ts'
import { ClaimError } from '../errors.ts'
import { NAMES } from '../names.ts'
import { errorText } from '../note-failure.ts'
import type { EffectContext, GivenOptions, LeaseEffectContext } from '../options.ts'
import { noResult, resultText } from '../result.ts'
import type { SqlValue } from '../sql.ts'
import type { Held } from '../strategies/lease.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { Transition } from '../transitions.ts'
import type { CallBounds } from '../tries.ts'
import { completionHeld, leaseLost, renewalHeld, unknownLease } from './lease-errors.ts'
import { holderKind } from './lease-kinds.ts'

/** What the holder has done for the order, and what is still to be done in the transaction that claims it. */
export interface Completion {
  readonly value: unknown
  readonly lease: number
  readonly effect: ((tx: unknown, order: unknown, context: LeaseEffectContext<unknown>) => unknown) | undefined
  /** The columns that are read for the effect. */
  readonly read?: readonly string[] | undefined
  /** Those that it is given and that need not be read: nobody changes them. */
  readonly row?: Row | undefined
  /** `read`, and other columns to be written, where many orders have the same. */
  readonly bound?: BoundOptions
}

type Values = readonly (readonly [string, SqlValue])[]

/** An order that is leased to whoever has its token: what only he may do with it. Everything is guarded by the token. */
export class HeldOrder {
  readonly orderId: unknown
  readonly #runner: CallRunner
  readonly #described: DescribedTable
  readonly #token: string
  readonly #bounds: CallBounds
  readonly #progress: Progress
  #kept: WeakSet<object> | null = null

  constructor(
    runner: CallRunner,
    described: DescribedTable,
    orderId: unknown,
    token: string,
    bounds: CallBounds,
    progress: Progress,
  ) {
    this.#runner = runner
    this.#described = described
    this.orderId = orderId
    this.#token = token
    this.#bounds = bounds
    this.#progress = progress
  }

  /** It is leased for so long from now on. `false`: it is somebody else's. */
  async renew(leaseMs: number): Promise<boolean> {
    const held = await this.#change(TRANSITIONS.renew, [[NAMES.leaseMs, String(leaseMs)]], false)
    if (held.outcome === 'busy') throw renewalHeld()
    return held.outcome === 'done'
  }

  /** It is claimed, and the effect runs in that transaction. Throws `CLAIM_LOST` where it is somebody else's. */
  async complete({
    value,
    lease,
    effect,
    read,
    row,
    bound,
  }: Completion): Promise<{ readonly value: unknown; readonly recovered: boolean }> {
    const inTransaction =
      effect &&
      ((tx: unknown, order: unknown, context: EffectContext) =>
        effect(tx, row === undefined ? order : { ...row }, {
          attempt: context.attempt,
          signal: context.signal,
          value,
          lease,
        }))
    const tell = this.tell
    const { table } = this.#described
    const kept = effect === undefined && value !== undefined && table.result !== null
    const text = kept ? resultText(value, { table, config: this.#runner.config, tell }) : null
    const values: Values = [[NAMES.result, text ?? noResult(table)]]
    const held = await this.#change(TRANSITIONS.complete, values, true, { effect: inTransaction, read }, bound)
    switch (held.outcome) {
      case 'done':
        return { value: effect === undefined ? value : held.value, recovered: held.recovered }
      case 'lost':
        tell({ type: 'lease_lost' })
        throw this.keep(leaseLost('before it was done'))
      case 'busy':
        throw this.keep(completionHeld())
    }
  }

  /**
   * It is not worked for any more. An error that the column does not take does not keep the order.
   *
   * @param values what the transition writes beside the error
   */
  async end(transition: Transition, error: unknown, values: Values = []): Promise<Held> {
    const end = (text: SqlValue): Promise<Held> => this.#change(transition, [[NAMES.error, text], ...values], false)
    const { table } = this.#described
    try {
      return await end(errorText(error, table))
    } catch (failure) {
      if (!(failure instanceof ClaimError && failure.code === 'CLAIM_REJECTED')) throw failure
      this.tell({ type: 'failure_not_noted', error: failure })
      return await end(errorText('', table))
    }
  }

  /** Of an error that says that the order is not this holder's any more, may be completed, or its work may still be running. */
  keep<E extends ClaimError>(error: E): E {
    this.#kept ??= new WeakSet()
    this.#kept.add(error)
    return error
  }

  /** The order is not to be given back after this error. */
  isKept(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#kept?.has(error) === true
  }

  readonly tell: Call['tell'] = (what) => this.#runner.tell(this.#progress, what)

  /** @param tells it ends the lease, and can be found out, by the token, what became of it when nobody answers */
  async #change(
    transition: Transition,
    values: Values,
    tells: boolean,
    { effect, read }: Pick<GivenOptions, 'effect' | 'read'> = {},
    bound?: BoundOptions,
  ): Promise<Held> {
    const kind: Kind<Held> = holderKind(transition, this.#token, values, tells)
    const { timeoutMs } = this.#bounds
    const options = { effect, read, timeoutMs }
    const call = this.#runner.bind(this.orderId, options, kind, this.#described, this.#progress, bound)
    if (call === null) throw new TypeError('The id of a leased order is known.')
    const decided = await this.#runner.decide(call, this.#bounds, null, { ...this.#progress })
    if (decided.is === 'done') return decided.result
    const unknown = unknownLease(decided, transition.name)
    throw tells ? this.keep(unknown) : unknown
  }
}
