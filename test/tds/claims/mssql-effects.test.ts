import mssql from 'mssql'
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { codeOf, CREDIT } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { claimsOn, subjectOf } from './subjects.ts'

const transactionOf = (tx: unknown): mssql.Transaction => tx as mssql.Transaction

test.each(['commit', 'rollback', 'begin'] as const)('tx.%s() is refused, and cannot be swallowed', async (method) => {
  const subject = await subjectOf('mssql')
  const claims = claimsOn(subject)
  for (const style of ['promise', 'callback']) {
    const id = subject.shop.add(subject.shop.orders.size + 1)
    const effect = async (tx: unknown): Promise<void> => {
      await subject.run(tx, CREDIT)
      if (style === 'promise')
        await transactionOf(tx)
          [method]()
          .catch(() => {})
      else
        await new Promise<void>(
          (resolve) => void Reflect.apply(transactionOf(tx)[method] as () => void, tx, [() => resolve()]),
        )
    }
    expect(await codeOf(claims.claimOnce(id, { effect })), style).toBe('CLAIM_EFFECT_MISUSE')
    await until(() => subject.shop.statusOf(id) === 'Wait' && subject.shop.balance === 0, 'everything is rolled back')
  }
  await poolIsWhole(subject)
})

test('a prepared statement works in the effect, and is dead after the claim', async () => {
  const subject = await subjectOf('mssql')
  const claims = claimsOn(subject)
  let kept: mssql.PreparedStatement | undefined
  const effect = async (tx: unknown): Promise<void> => {
    kept = new mssql.PreparedStatement(transactionOf(tx))
    await kept.prepare(CREDIT)
    await kept.execute({})
  }
  expect(await claims.claimOnce(subject.shop.add(1), { effect })).toMatchObject({ outcome: 'claimed' })
  expect(subject.shop.balance).toBe(42)
  await expect(kept?.execute({})).rejects.toThrow(/is over/)
  expect(subject.shop.balance).toBe(42)
  await poolIsWhole(subject)
})

test('two requests at once are refused by mssql, and do no harm', async () => {
  const subject = await subjectOf('mssql')
  const claims = claimsOn(subject)
  const effect = (tx: unknown): Promise<unknown> => Promise.all([subject.run(tx, CREDIT), subject.run(tx, CREDIT)])
  await expect(claims.claimOnce(subject.shop.add(1), { effect })).rejects.toMatchObject({ code: 'EREQINPROG' })
  await poolIsWhole(subject)
  expect([subject.shop.statusOf(1), subject.shop.balance]).toEqual(['Wait', 0])
})

test('a transaction that is used in the callback style', async () => {
  const subject = await subjectOf('mssql')
  const claims = claimsOn(subject)
  const effect = (tx: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      new mssql.Request(transactionOf(tx)).query(CREDIT, (error, result) => (error ? reject(error) : resolve(result)))
    })
  expect(await claims.claimOnce(subject.shop.add(1), { effect })).toMatchObject({ outcome: 'claimed' })
  expect(subject.shop.balance).toBe(42)
  await poolIsWhole(subject)
})
