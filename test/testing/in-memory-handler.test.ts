import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, test, vi } from 'vitest'
import type { Claims, ClaimResult } from '../../src/index.ts'
import { race } from '../../src/testing/index.ts'
import { recharge, shopInMemory } from './support/shop-in-memory.ts'

describe('a handler, as a user tests it', () => {
  interface Notice {
    readonly order: string
    readonly amount: string
    readonly payment: string
  }
  /** The handler under test: it is given its claims and what it does with a person's attention. */
  const handlerOf =
    (
      orders: Pick<
        Claims<DatabaseSync, { order_id: number; account_id: number; amount: string }, 'order_id'>,
        'claimOnce'
      >,
      tellAPerson: (result: ClaimResult<unknown>) => void,
    ) =>
    async ({ order, amount, payment }: Notice): Promise<string> => {
      const result = await orders.claimOnce(order, {
        expect: { amount },
        paymentId: payment,
        read: ['account_id', 'amount'],
        effect: recharge,
      })
      if (result.reply === 'review') tellAPerson(result)
      return result.reply === 'handled' ? 'success' : 'fail'
    }
  const notice = { order: '1', amount: '42.00', payment: 'T-1' }

  test('recharges once, however often it is called', async () => {
    const { shop, orders } = shopInMemory()
    const handle = handlerOf(orders, vi.fn())
    const { results } = await race(20, () => handle(notice))
    expect(results).toEqual(Array.from({ length: 20 }, () => 'success'))
    expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 42 }])
    expect(shop.rows('orders')[0]).toMatchObject({ order_id: 1, status: 'Y', row_version: 1, gateway_txn: 'T-1' })
  })

  test('tells a person of another amount, a second payment and a cancelled order, and acknowledges none', async () => {
    const { shop, orders } = shopInMemory()
    const tellAPerson = vi.fn<(result: ClaimResult<unknown>) => void>()
    const handle = handlerOf(orders, tellAPerson)
    expect(await handle({ ...notice, amount: '0.01' })).toBe('fail')
    expect(await handle(notice)).toBe('success')
    expect(await handle({ ...notice, payment: 'T-2' })).toBe('fail')
    expect(await handle({ ...notice, order: '3', amount: '1.00' })).toBe('fail')
    expect(tellAPerson.mock.calls.map(([{ outcome }]) => outcome)).toEqual([
      'mismatch',
      'second_payment',
      'wrong_status',
    ])
    expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 42 }])
  })

  test('has the gateway call again for an order that is not there', async () => {
    const { orders } = shopInMemory()
    expect(await handlerOf(orders, vi.fn())({ ...notice, order: '9' })).toBe('fail')
  })
})
