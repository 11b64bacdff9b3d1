import type { PoolConnection } from 'mysql2/promise'
import { CompiledQuery, Kysely, MysqlDialect } from 'kysely'
import type { Transaction } from 'kysely'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { mysql } from '../../../src/adapters/mysql2.ts'
import { createClaims } from '../../../src/index.ts'
import type { ClaimResult, EventHook, LeaseResult } from '../../../src/index.ts'
import type { History } from '../../../src/testing/history/history.ts'
import type { WorkerSettings } from '../contest.ts'
import { mutated } from '../mutants/mutant.ts'
import type { Mutant } from '../mutants/mutant.ts'
import type { ClientName, OrderPlan } from '../plan/order-plan.ts'
import { CHAOS_CONFIG, TOKENLESS_CONFIG } from '../tables.ts'
import type { ChaosTables } from '../tables.ts'
import { recharge } from './effect.ts'
import type { Run } from './effect.ts'
import { poolOf } from './pools.ts'

/** The work of a lease. */
export type Outside = (order: OrderPlan, attempt: number, idempotencyKey: string) => Promise<void>

/** What one library of the worker's can do with an order. */
export interface ShopSide {
  claimWithEffect(order: OrderPlan): Promise<ClaimResult<unknown>>
  claimBare(order: OrderPlan): Promise<ClaimResult<unknown>>
  lease(order: OrderPlan, outside: Outside): Promise<LeaseResult<unknown>>
  resolve(order: OrderPlan, pending: string): Promise<ClaimResult<unknown>>
}

/** Two pools through the proxy, and claims over each of them, with a token column and without. */
export function openShop(
  settings: WorkerSettings,
  mutant: Mutant,
  history: History,
  onEvent: EventHook,
): Record<ClientName, ShopSide> {
  const byMysql2 = poolOf(settings.url).promise()
  const db = new Kysely<ChaosTables>({ dialect: new MysqlDialect({ pool: poolOf(settings.url) }) })
  const open = <Tx>(adapter: Adapter<Tx>, run: (tx: Tx) => Run): ShopSide =>
    openSide(mutant.adapter?.(adapter) ?? adapter, run, settings, mutant, history, onEvent)
  return {
    mysql2: open(mysql(byMysql2), (tx: PoolConnection) => (sql, values) => tx.query(sql, [...values])),
    kysely: open(
      // The tables are those of CHAOS_CONFIG; without their types both libraries go through one text.
      kysely(db) as Adapter<unknown> as Adapter<Transaction<ChaosTables>>,
      (tx) => (sql, values) => tx.executeQuery(CompiledQuery.raw(sql, [...values])),
    ),
  }
}

function openSide<Tx>(
  adapter: Adapter<Tx>,
  run: (tx: Tx) => Run,
  { timeoutMs, resolveTimeoutMs, leaseMs }: WorkerSettings,
  mutant: Mutant,
  history: History,
  onEvent: EventHook,
): ShopSide {
  const common = { database: adapter, timeoutMs, onEvent: both(history.onEvent, onEvent) }
  const withToken = history.watch(mutated(createClaims({ ...CHAOS_CONFIG, ...common }), mutant))
  const tokenless = history.watch(mutated(createClaims({ ...TOKENLESS_CONFIG, ...common }), mutant))
  const claimsFor = (order: OrderPlan) => (order.withToken ? withToken : tokenless)
  const options = ({ number, amount, resolvesInside }: OrderPlan) => ({
    paymentId: `pay-${number}`,
    expect: { amount, currency: 'CNY' },
    resolveTimeoutMs: resolvesInside ? resolveTimeoutMs : 0,
  })
  const effectOf = (order: OrderPlan) => ({
    read: ['account_id', 'amount'] as const,
    effect: (tx: Tx) => recharge(run(tx), order),
  })
  return {
    claimWithEffect: (order) =>
      claimsFor(order).claimOnce(order.id, {
        ...options(order),
        ...effectOf(order),
        strategy: order.strategy,
      }),
    claimBare: (order) => claimsFor(order).claimOnce(order.id, { ...options(order), strategy: order.strategy }),
    lease: (order, outside) =>
      withToken.leaseOnce(order.id, {
        ...options(order),
        ...effectOf(order),
        leaseMs,
        work: (_order, { attempt, idempotencyKey }) => outside(order, attempt, idempotencyKey),
      }),
    resolve: (order, pending) =>
      claimsFor(order).resolve(pending, {
        timeoutMs: resolveTimeoutMs,
        ...(order.kind === 'bare' ? {} : effectOf(order)),
      }),
  }
}

const both =
  (...hooks: readonly EventHook[]): EventHook =>
  (event) => {
    for (const hook of hooks) hook(event)
  }
