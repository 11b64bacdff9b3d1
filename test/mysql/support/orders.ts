import type { Adapter } from '../../../src/adapters/adapter.ts'
import { createClaims } from '../../../src/index.ts'
import type {
  Bounds,
  ClaimResult,
  EffectContext,
  EventHook,
  LeaseEffectContext,
  LeaseResult,
  MoveResult,
  ResetResult,
  States,
  WorkContext,
} from '../../../src/index.ts'
import type { RawLeaseOptions } from '../../../src/options.ts'
import type { ColumnNames, StrategyName } from '../../../src/config.ts'
import { ORDERS } from '../../support/orders.ts'
import type { Client, Row, Tx } from './client.ts'

export interface Config extends Bounds {
  readonly table?: string
  readonly columns?: ColumnNames<string, string | readonly string[]>
  readonly states?: States
  readonly strategy?: StrategyName
  readonly onEvent?: EventHook
  /** Instead of the client's own. */
  readonly adapter?: Adapter<unknown>
}

/** The options of `claimOnce` without the types of a table, and with the uniform handle. */
export interface Options extends Bounds {
  readonly strategy?: StrategyName
  readonly expect?: Readonly<Record<string, unknown>>
  readonly paymentId?: string | number | bigint
  readonly set?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
  readonly read?: readonly string[]
  readonly effect?: (tx: Tx, order: Row, context: EffectContext) => unknown
  readonly transaction?: Tx
}

/** The options of `resolve`, likewise. */
export type ResolveOptions = Pick<Options, 'effect' | 'read' | 'transaction' | 'timeoutMs' | 'lockTimeoutMs' | 'signal'>

/** The options of `leaseOnce`, likewise. */
export interface LeaseOptions extends Omit<RawLeaseOptions, 'effect' | 'work'> {
  readonly work: (order: Row, context: WorkContext) => unknown
  readonly effect?: (tx: Tx, order: Row, context: LeaseEffectContext<unknown>) => unknown
}

export interface Orders {
  claimOnce(orderId: unknown, options?: Options): Promise<ClaimResult<unknown>>
  resolve(pending: string, options?: ResolveOptions): Promise<ClaimResult<unknown>>
  leaseOnce(orderId: unknown, options: LeaseOptions): Promise<LeaseResult<unknown>>
  moveOnce(orderId: unknown, options: Options & { readonly to: string }): Promise<MoveResult<unknown>>
  reset(orderId: unknown, options?: Bounds & { readonly transaction?: Tx }): Promise<ResetResult>
}

/** Claims over any client, on the shop's orders or on any other table; the time is ample unless a test says otherwise. */
export function ordersOf(client: Client, { adapter = client.adapter, ...config }: Config = {}): Orders {
  const claims = createClaims({
    database: adapter,
    ...ORDERS.config,
    timeoutMs: 20_000,
    // What nobody answers is to be seen as it is; finding out what became of it has tests of its own.
    resolveTimeoutMs: 0,
    ...config,
  }) as unknown as Orders
  const raw = ({ effect, transaction, ...rest }: Options): Options => ({
    ...rest,
    ...(effect && {
      effect: (handle: unknown, order: Row, context: EffectContext) => effect(client.tx(handle), order, context),
    }),
    ...(transaction && { transaction: transaction.raw as Tx }),
  })
  return {
    claimOnce: (orderId, options = {}) => claims.claimOnce(orderId, raw(options)),
    resolve: (pending, options = {}) => claims.resolve(pending, raw(options)),
    moveOnce: (orderId, options) => claims.moveOnce(orderId, { to: options.to, ...raw(options) }),
    leaseOnce(orderId, { effect, ...rest }) {
      if (effect === undefined) return claims.leaseOnce(orderId, rest)
      const handed: NonNullable<LeaseOptions['effect']> = (tx, order, context) => effect(client.tx(tx), order, context)
      return claims.leaseOnce(orderId, { ...rest, effect: handed })
    },
    reset(orderId, options = {}) {
      const { transaction, ...rest } = options
      return claims.reset(orderId, {
        ...rest,
        ...(transaction === undefined ? {} : { transaction: transaction.raw as Tx }),
      })
    },
  }
}
