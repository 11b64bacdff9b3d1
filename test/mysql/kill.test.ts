import { describe, expect, it } from 'vitest'
import { whetherRunning } from '../../src/adapters/mysql-kill.ts'
import type { MysqlShop } from '../support/mysql-shop.ts'
import { connectionOf, openClient, runOn } from './support/client.ts'
import { lockWaiter, openHolder } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { recording } from './support/recorder.ts'
import { onEveryClient } from './support/setting.ts'
import type { ClientSetting } from './support/setting.ts'
import { failureOf, until } from './support/wait.ts'

/** Asked by another connection, as it is before a thread is killed. */
async function isRunning(shop: MysqlShop, threadId: number, sent: string): Promise<boolean> {
  const question = whetherRunning(threadId, sent)
  if (question === null) throw new Error('It is not asked of so short a text.')
  return (await shop.run(question.sql, [...question.parameters])).length === 1
}

const isThere = async (shop: MysqlShop, threadId: number): Promise<boolean> =>
  (await shop.run('select 1 from information_schema.processlist where id = ?', [threadId])).length === 1

describe('a thread of which nobody knows what it does', () => {
  onEveryClient((setting: ClientSetting) => {
    it('still runs the claim that was sent: it is killed, and the order waits', async () => {
      const { shop, client } = setting
      const { adapter, sent } = recording(client.adapter)
      const orders = ordersOf(client, { adapter, lockTimeoutMs: 'server' })
      const id = await shop.newOrder()
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const late = failureOf(orders.claimOnce(id, { timeoutMs: 900 }))
      const thread = await lockWaiter(shop)
      const { sql } = sent.at(-1)!
      expect(sql).toContain('update `orders`')
      expect(await isRunning(shop, thread, sql)).toBe(true)
      expect(await late).toMatchObject({ code: 'CLAIM_UNKNOWN' })
      await until('the thread is gone', async () => !(await isThere(shop, thread)))
      await holder.rollback()
      expect(await shop.statusOf(id)).toBe('Wait')
    })

    it('still runs what the effect has sent: it is killed, and holds no locks any more', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client, {})
      const id = await shop.newOrder()
      const holder = await openHolder(shop)
      await holder.run('update accounts set balance = balance + 1 where id = 1')
      const sent = 'update accounts set balance = balance + ? where id = ?'
      const late = failureOf(orders.claimOnce(id, { timeoutMs: 900, effect: (tx) => tx.run(sent, [42, 1]) }))
      const thread = await lockWaiter(shop)
      expect(await isRunning(shop, thread, sent)).toBe(true)
      expect(await late).toMatchObject({ code: 'CLAIM_TIMEOUT' })
      await until('the thread is gone', async () => !(await isThere(shop, thread)))
      // The row is free while the account is still held.
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      await holder.rollback()
    })

    it('of the same number on another server is let live: it runs something else', async () => {
      const { shop, kind } = setting
      const victims = openClient(kind, shop.url, { connectionLimit: 1 })
      const client = openClient(kind, shop.url, { connectionLimit: 2 })
      const victim = await connectionOf(victims.core)
      // As if a load balancer stood before two servers, on which the threads have the same number.
      client.core.on('acquire', (connection) => Object.assign(connection, { threadId: victim.threadId }))
      const id = await shop.newOrder()
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const lives = runOn(victim, 'select sleep(2) as cut')
      lives.catch(() => {})
      const claim = ordersOf(client, { lockTimeoutMs: 'server' }).claimOnce(id, { timeoutMs: 900 })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_UNKNOWN' })
      expect(await lives).toEqual([{ cut: 0 }])
      await holder.rollback()
      victim.release()
      await client.end()
      await victims.end()
    })

    it('of the same number that runs something else, or nothing, is not taken for it', async () => {
      const { shop, client } = setting
      const { adapter, sent } = recording(client.adapter)
      const orders = ordersOf(client, { adapter })
      await orders.claimOnce(await shop.newOrder())
      const claim = sent.findLast(({ sql }) => sql.includes('update `orders`'))!.sql
      const other = openClient(setting.kind, shop.url, { connectionLimit: 1 })
      const connection = await connectionOf(other.core)
      const { threadId } = connection
      expect(await isRunning(shop, threadId, claim)).toBe(false)
      const busy = runOn(connection, 'select sleep(20) as slept')
      busy.catch(() => {})
      await until('it is busy', () => isRunning(shop, threadId, 'select sleep(20) as slept'))
      expect(await isRunning(shop, threadId, claim)).toBe(false)
      // Another statement on the same table, that begins in another way.
      expect(await isRunning(shop, threadId, 'update `orders` set `note` = ?')).toBe(false)
      connection.destroy()
      await shop.run('kill ?', [threadId])
      await other.end().catch(() => {})
    })
  })
})
