import { describe, expect, test } from 'vitest'
import { STRATEGIES } from '../../../src/config.ts'
import { until } from '../../support/until.ts'
import { codeOf, CREDIT, DEADLOCK, isBegin, isClaim, isCommit, isRead } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { claimsOn, DRIVERS, POOL_SIZE, REACHABLE, subjectOf } from './subjects.ts'
import type { TdsSubject } from './subjects.ts'

describe.each(DRIVERS)('sessions, through %s', (driver) => {
  test('every batch of a claim brings its own settings, and leaves none behind', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    for (const [index, strategy] of STRATEGIES.entries()) {
      await claims.claimOnce(subject.shop.add(index), { strategy, effect: (tx) => subject.run(tx, CREDIT) })
    }
    const ours = subject.server.requests.filter((request) => isClaim(request) || isRead(request))
    expect(ours.length).toBeGreaterThanOrEqual(5)
    for (const { sql, kind } of ours) {
      expect(kind).toBe('rpc')
      expect(sql).toMatch(/^set lock_timeout \d+;\nset nocount on;\nset xact_abort on;\n/)
    }
    expect(subject.server.requests.filter(({ sql }) => /^\s*set\b(?![^]*\n(?:select|update))/.test(sql))).toEqual([])
    await poolIsWhole(subject)
  })

  test('values go as NVARCHAR or VARBINARY, and a rowversion as the bytes that were read', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const id = subject.shop.add(7)
    await claims.claimOnce(id, { strategy: 'optimistic' })
    const claim = subject.server.requests.find(isClaim)
    const types = claim?.parameters.map(({ type }) => type) ?? []
    expect(types).toHaveLength(5)
    // mssql is told a length, so that ids of every length share one plan.
    for (const type of types.slice(0, 4))
      expect(type).toMatch(driver === 'mssql' ? /^nvarchar\(4000\)$/ : /^nvarchar\(\d+\)$/)
    expect(types[4]).toMatch(driver === 'mssql' ? /^varbinary\(8000\)$/ : /^varbinary\(\d+\)$/)
    expect(claim?.parameters.at(-1)?.value).toEqual(Buffer.from('00000000000007d7', 'hex'))
    expect(claim?.parameters.find(({ name }) => name === '@1')?.value).toBe('Y')
  })

  test('a transaction is begun and ended by requests of their own, once each', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    await claims.claimOnce(subject.shop.add(1), { effect: (tx) => subject.run(tx, CREDIT) })
    const kinds = subject.server.requests.map((request) => {
      if (isBegin(request)) return 'begin'
      if (request.kind !== 'rpc') return request.kind
      return isClaim(request) ? 'claim' : request.sql === CREDIT ? 'effect' : request.sql
    })
    expect(kinds.slice(kinds.indexOf('begin'))).toEqual([
      'begin',
      'claim',
      'effect',
      'select @@trancount as transactions, xact_state() as state, current_transaction_id() as id',
      'commit',
    ])
    const begin = subject.server.requests.find(isBegin)
    // kysely sends no batch: it begins with tedious' own default; a name, which it would make up, is not asked for.
    if (driver !== 'kysely') expect(begin).toMatchObject({ kind: 'batch' })
    else expect(begin).toMatchObject({ kind: 'begin', isolationLevel: 2, transactionName: '' })
  })

  test('a bare claim is one statement', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    await claims.claimOnce(subject.shop.add(1))
    const before = subject.server.requests.length
    await claims.claimOnce(subject.shop.add(2))
    expect(subject.server.requests.slice(before).map((request) => isClaim(request))).toEqual([true])
  })

  test('no connection becomes free in time: unavailable, and the one that comes too late goes back', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const gate = Promise.withResolvers<undefined>()
    const holding = Array.from({ length: POOL_SIZE }, (_, index) =>
      claims.claimOnce(subject.shop.add(index), { effect: () => gate.promise }),
    )
    expect(await codeOf(claims.claimOnce(subject.shop.add(50), { timeoutMs: 100 }))).toBe('CLAIM_UNAVAILABLE')
    gate.resolve(undefined)
    await Promise.all(holding)
    await poolIsWhole(subject)
    expect(subject.shop.statusOf(50)).toBe('Wait')
  })

  test('the signal of the caller, while the claim is under way', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    await claims.claimOnce(subject.shop.add(99))
    const id = subject.shop.add(1)
    const controller = new AbortController()
    const fault = subject.server.faults.add({ when: isClaim, do: 'swallow' })
    const call = claims.claimOnce(id, { signal: controller.signal })
    await fault.struck
    controller.abort()
    expect(await codeOf(call)).toBe('CLAIM_UNKNOWN')
    await poolIsWhole(subject)
  })

  describe("in the caller's own transaction", () => {
    test('a claim is provisional, and the transaction stays the caller’s', async () => {
      const subject = await subjectOf(driver)
      const claims = claimsOn(subject)
      const id = subject.shop.add(1)
      const own = await subject.begin()
      const result = await claims.claimOnce(id, { transaction: own.tx })
      expect(result).toMatchObject({ outcome: 'claimed', provisional: true })
      await own.rollback()
      expect(subject.shop.statusOf(id)).toBe('Wait')
      await poolIsWhole(subject)
    })

    test('a conflict there is the end of it', async () => {
      const subject = await subjectOf(driver)
      const claims = claimsOn(subject)
      const id = subject.shop.add(1)
      const own = await subject.begin()
      subject.server.faults.add({ when: isClaim, do: { error: DEADLOCK, rolledBack: true } })
      expect(await codeOf(claims.claimOnce(id, { transaction: own.tx }))).toBe('CLAIM_TRANSACTION_LOST')
      await own.rollback().catch(() => {}) // EABORT, 3903
      await poolIsWhole(subject)
    })

    test('one that has been committed is refused', async () => {
      const subject = await subjectOf(driver)
      const claims = claimsOn(subject)
      const id = subject.shop.add(1)
      const own = await subject.begin()
      await own.commit()
      const claim = claims.claimOnce(id, { transaction: own.tx })
      await expect(claim).rejects.toBeDefined()
      expect(subject.shop.statusOf(id)).toBe('Wait')
    })
  })

  test('a table with an INSTEAD OF UPDATE trigger is refused', async () => {
    const subject = await subjectOf(driver)
    subject.shop.insteadOfTriggers = 1
    const claim = claimsOn(subject).claimOnce(subject.shop.add(1))
    await expect(claim).rejects.toThrow(/INSTEAD OF UPDATE/)
    expect(await codeOf(claim)).toBe('CLAIM_CONFIG')
    await poolIsWholeAgain(subject)
  })

  test('a replica decides nothing: what it says may be old', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    subject.shop.readOnly = true
    const id = subject.shop.add(1, 'Y')
    for (const strategy of ['optimistic', 'pessimistic'] as const) {
      expect(await codeOf(claims.claimOnce(id, { strategy }))).toBe('CLAIM_UNAVAILABLE')
    }
    subject.shop.readOnly = false
    await poolIsWhole(subject)
  })

  test('a claim whose answer cannot be read is unknown', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    subject.shop.answersNothing = true
    expect(await codeOf(claims.claimOnce(subject.shop.add(1)))).toBe('CLAIM_UNKNOWN')
    subject.shop.answersNothing = false
    await poolIsWhole(subject)
  })

  test.each(['commit; begin tran', 'begin tran'])(
    'an effect that sends "%s" is found out before COMMIT',
    async (text) => {
      const subject = await subjectOf(driver)
      const claims = claimsOn(subject)
      const id = subject.shop.add(1)
      expect(await codeOf(claims.claimOnce(id, { effect: (tx) => subject.run(tx, text) }))).toBe('CLAIM_EFFECT_MISUSE')
      await poolIsWhole(subject)
    },
  )

  test('an effect’s handle is dead when the claim is over', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    let kept: unknown
    await claims.claimOnce(subject.shop.add(1), { effect: (tx) => void (kept = tx) })
    await expect(subject.run(kept, CREDIT)).rejects.toThrow(/is over/)
    expect(subject.shop.balance).toBe(0)
    await poolIsWhole(subject)
  })

  test('COMMIT is not sent while a statement that the effect has not awaited is under way', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    subject.server.faults.add({ when: ({ sql }) => sql === CREDIT, do: { delayMs: 60 } })
    const effect = (tx: unknown): void => void subject.run(tx, CREDIT).catch(() => {})
    const id = subject.shop.add(1)
    const outcome = await claims.claimOnce(id, { effect }).then(
      ({ outcome: is }) => is,
      (error: unknown) => String(error),
    )
    // Either it was waited for, or it was refused; it never lands outside the transaction.
    expect([outcome, subject.shop.balance]).toSatisfy(
      ([is, balance]) => (is === 'claimed' && balance === 42) || (is === 'claimed' && balance === 0),
    )
    const kinds = subject.server.requests.map(({ kind, sql }) => (sql === CREDIT ? 'effect' : kind))
    expect(kinds.lastIndexOf('effect')).toBeLessThan(kinds.indexOf('commit'))
    await poolIsWhole(subject)
  })
})

async function poolIsWholeAgain(subject: TdsSubject): Promise<void> {
  subject.shop.insteadOfTriggers = 0
  await poolIsWhole(subject)
}

describe.each(REACHABLE)('sessions as others have left them, through %s', (driver) => {
  test('IMPLICIT_TRANSACTIONS is noticed: a bare claim is made again, in a transaction that is committed', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    await claims.claimOnce(subject.shop.add(99))
    await subject.batch('set implicit_transactions on;')
    const id = subject.shop.add(1)
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    expect(claims.events.map((event) => event.type)).toContain('retry')
    expect(subject.server.requests.filter(isCommit)).toHaveLength(1)
    expect(subject.shop.open.map(({ transactions }) => transactions)).toEqual(subject.shop.open.map(() => 0))
    await subject.batch('set implicit_transactions off;')
    await poolIsWhole(subject)
  })

  test('IMPLICIT_TRANSACTIONS from the first is refused', async () => {
    const subject = await subjectOf(driver)
    if (driver === 'kysely') await claimsOn(subject).claimOnce(subject.shop.add(99)) // opens the connection
    await subject.batch('set implicit_transactions on;')
    const claim = claimsOn(subject).claimOnce(subject.shop.add(1))
    await expect(claim).rejects.toThrow(/IMPLICIT_TRANSACTIONS/)
    expect(await codeOf(claim)).toBe('CLAIM_CONFIG')
  })

  test.each([
    ['bare', 'conditional'],
    ['bare', 'optimistic'],
    ['bare', 'pessimistic'],
    ['with an effect', 'conditional'],
    ['with an effect', 'pessimistic'],
  ] as const)('a transaction that somebody left open is noticed: %s, %s', async (kind, strategy) => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    await claims.claimOnce(subject.shop.add(99))
    await subject.batch('begin tran')
    const id = subject.shop.add(1)
    const effect = kind === 'bare' ? {} : { effect: (tx: unknown) => subject.run(tx, CREDIT) }
    expect(await codeOf(claims.claimOnce(id, { strategy, ...effect }))).toBe('CLAIM_CONFIG')
    expect([subject.shop.statusOf(id), subject.shop.balance]).toEqual(['Wait', 0])
    await poolIsWhole(subject)
  })

  test('the isolation level of the session is as it was, and not that of the claim', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    await claims.claimOnce(subject.shop.add(99))
    await subject.batch('set transaction isolation level serializable;')
    await claims.claimOnce(subject.shop.add(1))
    await claims.claimOnce(subject.shop.add(2), { strategy: 'optimistic' })
    expect(subject.shop.open.map(({ settings }) => settings.isolation)).toEqual([4])
    await claims.claimOnce(subject.shop.add(3), { effect: (tx) => subject.run(tx, CREDIT) })
    // kysely begins every transaction with the level that tedious is configured with, and so leaves it behind: ours as its own.
    await until(() => (subject.lent() ?? 0) === 0, 'the connection is back')
    expect(subject.shop.open.map(({ settings }) => settings.isolation)).toEqual([driver === 'mssql' ? 4 : 2])
  })
})
