import { expect, test } from 'vitest'
import { mysqlDialect } from '../../src/dialects/mysql.ts'
import type { Statement } from '../../src/sql.ts'
import { TransactionWatch } from '../../src/watch.ts'

const deadlock = Object.assign(new Error('Deadlock found'), { errno: 1213 })
const stillOpen = Object.assign(new Error('Transaction characteristics'), { errno: 1568 })

/** A watch over a server that answers our own statements as told. */
function watched(answer: (sql: string) => unknown): { watch: TransactionWatch; ours: string[] } {
  const ours: string[] = []
  const watch = new TransactionWatch(mysqlDialect, async ({ sql }: Statement) => {
    ours.push(sql.replace(/claim_once_\w+/, 'x'))
    return answer(sql)
  })
  return { watch, ours }
}

const throwing = (error: Error) => (): never => {
  throw error
}

test('plain statements that succeed cost nothing', async () => {
  const { watch, ours } = watched(() => null)
  for (const sql of [
    'select 1',
    '  UPDATE a set b = 1',
    'with t as (select 1) select * from t',
    'savepoint mine',
    '/* hi */ -- x\n rollback to mine',
  ]) {
    await watch.pass(sql, async () => 1)
  }
  await watch.settle()
  expect(ours).toEqual([])
  expect([watch.lost, watch.misuse, watch.busy]).toEqual([null, null, false])
})

test.each([
  'create table t (a int)',
  'commit',
  '/*! commit */ select 1',
  '/*M!100100 commit */ select 1',
  'select 1; commit',
  'call p()',
  'set autocommit = 1',
])('a statement that could end the transaction is framed: %s', async (sql) => {
  const { watch, ours } = watched(() => null)
  await watch.pass(sql, async () => 1)
  expect(ours).toEqual(['savepoint x', 'release savepoint x'])
})

test('a deadlock that our own savepoint is answered with ends the transaction', async () => {
  const { watch } = watched(throwing(deadlock))
  await expect(watch.pass('call p()', async () => 1)).rejects.toBe(deadlock)
  await expect(watch.pass('insert into t values (1)', async () => 1)).rejects.toMatchObject({
    code: 'CLAIM_TRANSACTION_LOST',
  })
  expect(watch.lost).toEqual({ error: deadlock })
})

test('after an error that is not known to end it the server is asked once', async () => {
  const duplicate = Object.assign(new Error('Duplicate entry'), { errno: 1062 })
  const { watch, ours } = watched(throwing(stillOpen))
  await expect(watch.pass('insert into t values (1)', () => Promise.reject(duplicate))).rejects.toBe(duplicate)
  await watch.pass('select 1', async () => 1)
  await watch.pass('select 1', async () => 1)
  expect(ours).toEqual(['set transaction read write'])
  expect(watch.lost).toBeNull()
})

test('where the server says that none is open, the last error ended it, and nothing more is sent', async () => {
  const odd = Object.assign(new Error('odd'), { errno: 9999 })
  const { watch } = watched(() => null)
  await expect(watch.pass('select 1', () => Promise.reject(odd))).rejects.toBe(odd)
  let sent = false
  const late = watch.pass('select 2', async () => (sent = true))
  await expect(late).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST', cause: odd })
  expect(sent).toBe(false)
})

test('statements go one after the other, so that none is sent after one that ended the transaction', async () => {
  const { watch } = watched(() => null)
  const sent: string[] = []
  const results = await Promise.allSettled([
    watch.pass('update a', async () => {
      sent.push('a')
      throw deadlock
    }),
    watch.pass('update b', async () => sent.push('b')),
  ])
  expect(sent).toEqual(['a'])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('a handle is dead when the effect is over', async () => {
  const { watch } = watched(() => null)
  await watch.settle()
  await expect(watch.pass('select 1', async () => 1)).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
})
