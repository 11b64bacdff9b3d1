import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { createClaims } from '../../src/index.ts'
import { assertEffectUndone, EffectSurvived } from '../../src/testing/index.ts'
import { recharge, shopInMemory } from './support/shop-in-memory.ts'

const read = ['account_id', 'amount'] as const

test('an effect that does all its work through its handle leaves nothing, and the order waits', async () => {
  const { shop, orders } = shopInMemory()
  const seen: unknown[] = []
  await assertEffectUndone({
    claims: orders,
    orderId: 1,
    read,
    effect: async (tx, order) => {
      await pause(1)
      recharge(tx, order)
      seen.push(tx.prepare('select balance from accounts').get()?.['balance'])
    },
    witness: () => shop.rows('accounts'),
  })
  expect(seen).toEqual([42])
  expect(shop.rows('orders')[0]).toMatchObject({ status: 'Wait' })
})

test('an effect that writes past its handle is found, with what the witness saw', async () => {
  const { orders } = shopInMemory()
  const mails: string[] = []
  const undone = assertEffectUndone({
    claims: orders,
    orderId: 1,
    effect: () => mails.push('thank you'),
    witness: async () => [...mails],
  })
  await expect(undone).rejects.toBeInstanceOf(EffectSurvived)
  await expect(undone).rejects.toMatchObject({ before: [], after: ['thank you'] })
})

test('a synchronous effect stays synchronous, as a shared handle needs it', async () => {
  const { shop } = shopInMemory()
  const orders = createClaims({
    database: sqlite(shop.db),
    table: 'orders',
    columns: { id: 'order_id', status: 'status' },
    states: { waiting: 'Wait', claimed: 'Y' },
  })
  await assertEffectUndone({
    claims: orders,
    orderId: 1,
    effect: (tx) => tx.exec('update accounts set balance = 1'),
    witness: () => shop.rows('accounts'),
  })
})

test('an effect that did not run, or that failed by itself, shows nothing', async () => {
  const { orders } = shopInMemory()
  const witness = (): number => 0
  await expect(assertEffectUndone({ claims: orders, orderId: 3, effect: () => 1, witness })).rejects.toThrow(
    'The effect did not run: the order was not claimed, the outcome is "wrong_status".',
  )
  const failing = (): never => {
    throw new Error('no card left')
  }
  await expect(assertEffectUndone({ claims: orders, orderId: 1, effect: failing, witness })).rejects.toThrow(
    'no card left',
  )
})
