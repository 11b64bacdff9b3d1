import { describe, expect, test } from 'vitest'
import { createClaims, isUnknownClaimError } from '../../src/index.ts'
import { inMemory, withFaults } from '../../src/testing/index.ts'

const ORDERS = { order_id: 7, status: 'Wait', claim_token: null as string | null }
const STATES = { waiting: 'Wait', claimed: 'Y' } as const

/** An UPDATE outside of any transaction is its own COMMIT: an error of the disk says nothing of what is on it. */
describe('a bare claim in a file whose disk fails after it was carried out', () => {
  test('is found out by its token', async () => {
    const shop = inMemory({ orders: { key: 'order_id', rows: [ORDERS] } })
    const database = withFaults(shop.database, [{ fault: 'lost after', on: 'update' }])
    const columns = { id: 'order_id', status: 'status', token: 'claim_token' } as const
    const orders = createClaims({ database, table: 'orders', columns, states: STATES })
    expect(await orders.claimOnce(7)).toMatchObject({ outcome: 'claimed', recovered: true })
    expect(await orders.claimOnce(7)).toMatchObject({ outcome: 'duplicate' })
    shop.close()
  })

  test('is unknown without one, and never called failed', async () => {
    const shop = inMemory({ orders: { key: 'order_id', rows: [ORDERS] } })
    const database = withFaults(shop.database, [{ fault: 'lost after', on: 'update' }])
    const orders = createClaims({
      database,
      table: 'orders',
      columns: { id: 'order_id', status: 'status' },
      states: STATES,
    })
    const error = await orders.claimOnce(7).catch((thrown: unknown) => thrown)
    expect(isUnknownClaimError(error)).toBe(true)
    expect(shop.rows('orders')).toMatchObject([{ status: 'Y' }])
    shop.close()
  })
})
