import type { Kysely, Transaction } from 'kysely'
import { expectTypeOf } from 'vitest'
import { kysely } from '../../src/adapters/kysely.ts'
import { createClaims } from '../../src/index.ts'
import type { DrainResult } from '../../src/index.ts'

interface Shop {
  orders: { order_id: number; status: string; due_at: string | null; phone: string; amount: string }
}

declare const db: Kysely<Shop>

const orders = createClaims({
  database: kysely(db),
  table: 'orders',
  columns: { id: 'order_id', status: 'status', dueAt: 'due_at' },
  states: { waiting: 'Wait', claimed: 'Y' },
})

const drained = orders.drain({
  read: ['amount'],
  set: { phone: '1' },
  effect: (tx, order, { attempt, lease, signal }) => {
    expectTypeOf(tx).toEqualTypeOf<Transaction<Shop>>()
    expectTypeOf(order).toEqualTypeOf<{ readonly amount: string }>()
    expectTypeOf(attempt).toEqualTypeOf<number>()
    expectTypeOf(lease).toEqualTypeOf<number>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
  },
})
expectTypeOf(drained).resolves.toEqualTypeOf<DrainResult>()

// What the work returned goes to the effect that follows it.
void orders.drain(
  {
    read: ['phone'],
    work: async (order, { idempotencyKey }) => {
      expectTypeOf(order).toEqualTypeOf<{ readonly phone: string }>()
      expectTypeOf(idempotencyKey).toEqualTypeOf<string>()
      return { receipt: order.phone }
    },
    effect: (tx, _order, { value }) => {
      expectTypeOf(tx).toEqualTypeOf<Transaction<Shop>>()
      expectTypeOf(value).toEqualTypeOf<{ receipt: string }>()
    },
  },
  { poll: { intervalMs: 1000 }, backoff: { firstMs: 10 } },
)

void orders.drain({
  read: ['order_id'],
  batch: (_tx, batch) => {
    expectTypeOf(batch).toEqualTypeOf<readonly { readonly order_id: number }[]>()
  },
})

// @ts-expect-error a handler does something
void orders.drain({})
// @ts-expect-error no such column
void orders.drain({ read: ['no_such'], effect: () => {} })
// @ts-expect-error one effect, or one for each
void orders.drain({ batch: () => {}, effect: () => {} })
// @ts-expect-error no such option
void orders.drain({ effect: () => {} }, { interval: 1 })
void createClaims({
  database: kysely(db),
  table: 'orders',
  // @ts-expect-error a column of the table
  columns: { id: 'order_id', status: 'status', dueAt: 'due' },
  states: { waiting: 'Wait', claimed: 'Y' },
})
