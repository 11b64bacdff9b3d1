import { CamelCasePlugin, Kysely, MysqlDialect, sql } from 'kysely'
import type { Transaction } from 'kysely'
import { createPool } from 'mysql2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClaims } from '../../src/index.ts'
import { kysely } from '../../src/adapters/kysely.ts'
import { ORDERS } from '../support/orders.ts'
import type { ShopTables } from '../support/orders.ts'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { onEveryLane } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

type ShopTransaction = Transaction<ShopTables>

async function rechargeBy(tx: ShopTransaction, orderId: number): Promise<void> {
  await tx
    .updateTable('accounts')
    .set(({ eb }) => ({ balance: eb('balance', '+', 42) }))
    .where('id', '=', 1)
    .execute()
  await tx.insertInto('ledger').values({ id: orderId, order_id: orderId, amount: '42' }).execute()
}

describe("kysely's transaction that an effect gets", () => {
  onEveryLane((setting) => {
    let db: Kysely<ShopTables>
    const orders = () => createClaims({ database: kysely(db), ...ORDERS.config, timeoutMs: 20_000 })
    beforeAll(() => {
      db = new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: setting.shop.url }) }) })
    })
    afterAll(() => db.destroy())

    it('builds and runs queries as any other', async () => {
      const id = await setting.shop.newOrder()
      const result = await orders().claimOnce(id, {
        read: ['account_id', 'amount'],
        effect: async (tx, order) => {
          await rechargeBy(tx, id)
          const { rows } = await sql<{ balance: string }>`select balance from accounts where id = 1`.execute(tx)
          const streamed: unknown[] = []
          for await (const row of tx.selectFrom('accounts').select('id').orderBy('id').stream()) streamed.push(row)
          return { rows, streamed, order }
        },
      })
      expect(result).toMatchObject({
        outcome: 'claimed',
        value: {
          rows: [{ balance: '42.00' }],
          streamed: [{ id: 1 }, { id: 2 }],
          order: { account_id: 1, amount: '42.00' },
        },
      })
      expect(await found(setting.shop, id)).toEqual(ONCE)
    })

    it('knows a commit in raw SQL for misuse, also through a plugin', async () => {
      const id = await setting.shop.newOrder()
      const later: unknown[] = []
      const claim = orders().claimOnce(id, {
        effect: async (tx) => {
          await sql`commit`.execute(tx.withPlugin(new CamelCasePlugin()))
          later.push(await failureOf(rechargeBy(tx, id)), await failureOf(rechargeBy(tx.withoutPlugins(), id)))
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
      expect(later).toMatchObject([{ code: 'CLAIM_EFFECT_MISUSE' }, { code: 'CLAIM_EFFECT_MISUSE' }])
      expect(await found(setting.shop, id)).toEqual({ ...UNDONE, status: 'Y' })
    })

    it('knows DDL of its schema builder for misuse', async () => {
      const id = await setting.shop.newOrder()
      const claim = orders().claimOnce(id, {
        effect: async (tx) => {
          await tx.schema.createTable('by_kysely').ifNotExists().addColumn('id', 'integer').execute()
          await failureOf(rechargeBy(tx, id))
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
      expect(await setting.shop.balanceOf(1)).toBe(0)
    })

    /** To the compiler they are not there; a program in JavaScript can try. */
    const FORBIDDEN: Readonly<Record<string, (tx: Kysely<ShopTables>) => unknown>> = {
      'transaction()': (tx) => tx.transaction().execute((inner) => rechargeBy(inner, 1)),
      'startTransaction()': (tx) => tx.startTransaction().execute(),
      'connection()': (tx) => tx.connection().execute((inner) => inner.deleteFrom('ledger').execute()),
      'destroy()': (tx) => tx.destroy(),
    }
    for (const [name, call] of Object.entries(FORBIDDEN)) {
      it(`refuses ${name}: the claim fails and is undone`, async () => {
        const id = await setting.shop.newOrder()
        const claim = orders().claimOnce(id, {
          effect: async (tx) => {
            await rechargeBy(tx, id)
            await call(tx)
          },
        })
        expect(await failureOf(claim)).toBeInstanceOf(Error)
        expect(await found(setting.shop, id)).toEqual(UNDONE)
      })
    }

    it('is dead after the claim', async () => {
      const id = await setting.shop.newOrder()
      let kept: ShopTransaction | undefined
      await orders().claimOnce(id, {
        effect: async (tx) => {
          kept = tx
          await rechargeBy(tx, id)
        },
      })
      expect(await failureOf(rechargeBy(kept!, id + 1))).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      expect(await found(setting.shop, id)).toEqual(ONCE)
    })
  })
})
