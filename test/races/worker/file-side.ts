import { setImmediate as nextTurn } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import type { Caller, Driver, Side } from '../contest.ts'
import { CLAIM_IN_FILE_BY } from './file-claims.ts'
import { Retries } from './open-side.ts'
import type { OpenSide } from './open-side.ts'

/** What code by hand needs of either driver. */
export interface FileHandle {
  prepare(sql: string): { get(...values: unknown[]): unknown; run(...values: unknown[]): { changes: number | bigint } }
  exec(sql: string): unknown
  close(): unknown
}

/** The library that opens the file: never both of them in one process. */
export function openFile(driver: Driver, file: string): FileHandle {
  return driver.startsWith('node:sqlite') ? new DatabaseSync(file) : new Database(file)
}

export function openFileSide(side: Side): OpenSide {
  const retries = new Retries()
  const claimBy = CLAIM_IN_FILE_BY[side.driver]
  if (claimBy === undefined) throw new Error(`${side.driver} is no driver of a file.`)
  const claims = claimBy(side, retries.onEvent)
  const own = openFile(side.driver, side.database)
  own.exec('pragma busy_timeout = 0')
  return {
    async call(caller: Caller, orderId: number, withEffect: boolean) {
      switch (caller) {
        case 'by hand':
          return await guardedByHand(own, orderId, withEffect)
        case 'naive':
          return await naive(own, orderId)
        case 'editor':
          throw new Error('No editor in a file: the write lock keeps it out between look and UPDATE.')
        case 'optimistic':
        case 'conditional':
        case 'pessimistic':
          return (await claims.claim(orderId, caller, withEffect)).outcome
      }
    },
    sessionFacts: async () => [],
    takeRetries: retries.take,
    async close() {
      await claims.close()
      own.close()
    },
  }
}

const CREDIT = `
update accounts set balance = balance + (select amount from orders where order_id = ?)
where id = (select account_id from orders where order_id = ?)`
const ENTRY = 'insert into ledger (order_id, amount) select order_id, amount from orders where order_id = ?'

function credit(db: FileHandle, orderId: number): void {
  db.prepare(CREDIT).run(orderId, orderId)
  db.prepare(ENTRY).run(orderId)
}

/** All in one go, and again as long as somebody else has the file locked. */
function guardedByHand(db: FileHandle, orderId: number, withEffect: boolean): Promise<string> {
  return whenUnlocked(() => {
    db.exec('begin immediate')
    const guarded = db.prepare("update orders set status = 'Y' where order_id = ? and status = 'Wait'")
    const won = Number(guarded.run(orderId).changes) === 1
    if (won && withEffect) credit(db, orderId)
    db.exec('commit')
    return won ? 'claimed' : 'duplicate'
  })
}

/** Between its read and its write every other call reads, too. */
async function naive(db: FileHandle, orderId: number): Promise<string> {
  const row = db.prepare('select status from orders where order_id = ?').get(orderId) as { status: string }
  if (row.status !== 'Wait') return 'duplicate'
  await nextTurn()
  await whenUnlocked(() => credit(db, orderId))
  await whenUnlocked(() => db.prepare("update orders set status = 'Y' where order_id = ?").run(orderId))
  return 'claimed'
}

/** It must not wait for the lock in the driver: what holds it may be an effect of this very process. */
async function whenUnlocked<Value>(write: () => Value): Promise<Value> {
  const end = performance.now() + 5000
  for (;;) {
    try {
      return write()
    } catch (error) {
      const { code, errcode } = error as { code?: unknown; errcode?: unknown }
      const busy = String(code).startsWith('SQLITE_BUSY') || (typeof errcode === 'number' && errcode % 256 === 5)
      if (!busy || performance.now() > end) throw error
      await nextTurn()
    }
  }
}
