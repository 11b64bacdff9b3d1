import type { Adapter, Session } from './adapters/adapter.ts'
import { bindId, bindOptions } from './bind.ts'
import type { BoundOptions } from './bind.ts'
import type { Call, CallBase, Kind, Progress } from './call.ts'
import type { Bounds, CheckedConfig } from './config.ts'
import { Deadline } from './deadline.ts'
import { fitOrders } from './described-orders.ts'
import type { DescribedTable } from './described-orders.ts'
import { tellHook } from './event-hook.ts'
import type { EventDetail, EventHook } from './events.ts'
import { TableOnFirstUse } from './first-use.ts'
import type { GivenOptions, RawOptions } from './options.ts'
import { ORDER_CALL } from './order-call.ts'
import { decideOrResolve } from './resolution.ts'
import type { SqlValue } from './sql.ts'
import { NAMES } from './names.ts'
import { asksOwn } from './statements.ts'
import { boundsOf } from './tries.ts'
import type { CallBounds, Decided } from './tries.ts'

/** Everything that the calls on one table share: the database, the table's description, the hook for events. */
export class CallRunner {
  readonly config: CheckedConfig
  readonly adapter: Adapter<unknown, object>
  readonly #onEvent: EventHook | undefined
  readonly #firstUse: TableOnFirstUse<unknown, DescribedTable>

  constructor(config: CheckedConfig, adapter: Adapter<unknown, object>, onEvent: EventHook | undefined) {
    this.config = config
    this.adapter = adapter
    this.#onEvent = onEvent
    this.#firstUse = new TableOnFirstUse(config.table, adapter, fitOrders(config, adapter))
  }

  /** The connection of the caller's own transaction; `null` where there is none. */
  join({ transaction }: RawOptions): Session<unknown> | null {
    return transaction === undefined ? null : this.adapter.join(transaction)
  }

  /** The table, described when it is first needed. */
  described(
    joined: Session<unknown> | null,
    signal: AbortSignal | undefined,
  ): DescribedTable | Promise<DescribedTable> {
    return this.#firstUse.known ?? this.#firstUse.describeFor(joined, signal)
  }

  /** The table does not look as described any more. */
  forget(): void {
    this.#firstUse.forget()
  }

  bounds(options: Bounds): CallBounds {
    return boundsOf(options, this.config)
  }

  /** What the options of a call say of columns, bound to the table. Throws `CLAIM_INPUT`. */
  bindOptions(options: GivenOptions, { table }: DescribedTable): BoundOptions {
    return bindOptions(options, table, this.adapter.dialect)
  }

  /**
   * The call bound to its table; `null` where no row can have the id. Throws `CLAIM_INPUT`.
   *
   * @param known of the same options, where many calls have them
   */
  bind<Result>(
    orderId: unknown,
    options: GivenOptions,
    kind: Kind<Result>,
    described: DescribedTable,
    progress: Progress,
    known?: BoundOptions,
  ): Call<Result> | null {
    const values = this.ownValues(described, kind.token)
    if (!bindId(orderId, this.config, described.table, values)) return null
    const bound = known ?? this.bindOptions(options, described)
    for (const [name, value] of bound.values) values.set(name, value)
    for (const [name, value] of kind.ownValues?.(described.table) ?? []) values.set(name, value)
    // All of them are written alike, field by field: what reads them is then as fast for one kind as for another.
    return {
      ...ORDER_CALL,
      decide: kind.decide,
      decideAgain: kind.decideAgain,
      transition: kind.transition,
      won: kind.won,
      recovered: kind.recovered,
      busy: kind.busy,
      unknownId: kind.unknownId,
      token: kind.token,
      onlyReads: kind.onlyReads,
      table: described.table,
      statements: described.statements,
      config: this.config,
      adapter: this.adapter,
      shape: kind.asksOwn === true ? asksOwn(bound.shape) : bound.shape,
      values,
      effect: options.effect,
      needsTransaction: options.effect !== undefined || kind.onlyReads,
      joined: options.transaction !== undefined,
      resolving: false,
      deadline: new Deadline(options.timeoutMs ?? this.config.timeoutMs, options.signal),
      learned: { ownTransaction: !described.table.server.autocommit, effectRan: false, collisions: 0 },
      tell: (what) => this.tell(progress, what),
      gaveUp: () => (options.signal?.aborted === true ? options.signal : undefined),
    }
  }

  /** What every statement may bind: the states, and the token of the call. */
  ownValues({ table, stateValues }: DescribedTable, token: string | null): Map<string, SqlValue> {
    const values = new Map(stateValues)
    if (table.token !== null && token !== null) values.set(NAMES.token, table.token.codec.encode(token) ?? null)
    return values
  }

  /** Tries until the call is decided. What nobody answers is found out, as far as the time for it goes. */
  decide<Result>(
    call: CallBase<Result>,
    bounds: CallBounds,
    joined: Session<unknown> | null,
    progress: Progress,
  ): Promise<Decided<Result>> {
    return decideOrResolve(call, bounds, joined, progress)
  }

  tell({ operation, orderId, strategy, attempt, startedAt }: Progress, what: EventDetail): void {
    if (this.#onEvent === undefined) return
    const elapsedMs = Math.round(performance.now() - startedAt)
    tellHook(this.#onEvent, { ...what, operation, orderId, strategy, attempt, elapsedMs })
  }
}
