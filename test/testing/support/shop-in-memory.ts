import type { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { createClaims } from '../../../src/index.ts'
import { inMemory } from '../../../src/testing/index.ts'

const config = {
  table: 'orders',
  columns: {
    id: 'order_id',
    status: 'status',
    version: 'row_version',
    token: 'claim_token',
    claimedAt: 'claimed_at',
    paymentId: 'gateway_txn',
  },
  states: { waiting: 'Wait', claimed: 'Y' },
} as const

const none = { row_version: 0, claim_token: null, claimed_at: null, gateway_txn: null }

/** A shop for one test. */
export const shopInMemory = () => {
  const shop = inMemory({
    orders: {
      key: 'order_id',
      rows: [
        { order_id: 1, status: 'Wait', amount: '42.00', account_id: 1, ...none },
        { order_id: 2, status: 'Wait', amount: '8.00', account_id: 1, ...none },
        { order_id: 3, status: 'Cancelled', amount: '1.00', account_id: 1, ...none },
      ],
    },
    accounts: { key: 'id', rows: [{ id: 1, balance: 0 }] },
  })
  onTestFinished(shop.close)
  return { shop, orders: createClaims({ database: shop.database, ...config }) }
}

interface Order {
  readonly account_id: number
  readonly amount: string
}

export const recharge = (tx: DatabaseSync, { account_id: account, amount }: Order): void => {
  tx.prepare('update accounts set balance = balance + ? where id = ?').run(Number(amount), account)
}
