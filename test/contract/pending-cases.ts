import assert from 'node:assert/strict'
import { isUnknownClaimError } from '../../src/errors.ts'
import type { UnknownClaimError } from '../../src/errors.ts'
import type { ClaimResult } from '../../src/outcome.ts'
import { ORDERS } from '../support/orders.ts'
import type { Case } from './cases.ts'
import { COMMIT, Line } from './lost-answers.ts'
import type { Fate } from './lost-answers.ts'
import { measure, recharge, rowOf } from './recharge.ts'
import { claimsOn } from './subject.ts'
import type { ClaimsUnderTest, Subject, TestedClaims } from './subject.ts'
import { whileBegun } from './while-held.ts'

/** For a slow machine. */
const AMPLE = { timeoutMs: 20_000 } as const

const FATES = ['done, not answered', 'never sent'] as const satisfies readonly Fate[]

async function unknownOf(claim: Promise<unknown>): Promise<UnknownClaimError> {
  try {
    await claim
  } catch (error) {
    if (isUnknownClaimError(error)) return error
    throw error
  }
  assert.fail('The claim is not unknown.')
}

/** A claim of which the answer to COMMIT is lost, and that asks no further. */
async function unknownClaim(
  subject: Subject,
  under: ClaimsUnderTest,
  fate: Fate,
): Promise<{ readonly id: number; readonly error: UnknownClaimError; readonly claims: TestedClaims }> {
  const line = new Line()
  const claims = claimsOn(subject, {
    ...under,
    adapter: line.adapter,
    config: { resolveTimeoutMs: 0, ...under.config },
  })
  const id = await subject.shop.newOrder()
  line.arm(COMMIT, fate)
  const error = await unknownOf(claims.claimOnce(id, { effect: (tx) => recharge(subject, tx, 'paid') }))
  assert.deepEqual([error.code, error.reply], ['CLAIM_UNKNOWN', 'call_again'])
  return { id, error, claims }
}

const recovered = (result: ClaimResult<unknown>): unknown => result.outcome === 'claimed' && result.recovered

const withoutToken = (): Required<ClaimsUnderTest>['config'] => {
  const { token, ...columns } = ORDERS.config.columns
  return { columns, resolveTimeoutMs: 20_000 }
}

/** A claim that has stayed unknown is found out later, wherever. */
export const PENDING_CASES: readonly Case[] = [
  {
    name: 'what stayed unknown is found out later, in another process, by text that survives JSON',
    async run(subject, strategy, mutation) {
      for (const fate of FATES) {
        const credited = await measure(subject)
        const { id, error } = await unknownClaim(subject, { strategy, mutation }, fate)
        assert(!JSON.stringify(error).includes(error.pending), 'it is a secret')
        const { pending } = JSON.parse(JSON.stringify({ pending: error.pending })) as { pending: string }
        const elsewhere = claimsOn(subject, { strategy, mutation })
        const result = await elsewhere.resolve(pending, { effect: (tx) => recharge(subject, tx, 'paid') })
        assert.deepEqual([result.outcome, recovered(result)], ['claimed', fate === 'done, not answered'])
        assert.equal(await credited(), 42)
        assert.equal((await elsewhere.claimOnce(id)).outcome, 'duplicate')
      }
    },
  },
  {
    name: 'whoever asks, and however many at once: the effect happens once',
    async run(subject, strategy, mutation) {
      for (const fate of FATES) {
        const credited = await measure(subject)
        const { error, claims } = await unknownClaim(subject, { strategy, mutation }, fate)
        const elsewhere = claimsOn(subject, { strategy, mutation })
        const options = { ...AMPLE, effect: (tx: unknown) => recharge(subject, tx, 'paid') }
        const results = await Promise.all([
          error.resolve(AMPLE),
          claims.resolve(error.pending, options),
          elsewhere.resolve(error.pending, options),
          elsewhere.resolve(error.pending, options),
        ])
        assert.deepEqual(new Set(results.map(({ outcome }) => outcome)), new Set(['claimed']))
        const now = results.filter((result) => recovered(result) === false)
        assert.equal(now.length, fate === 'never sent' ? 1 : 0)
        assert.equal(await credited(), 42)
      }
    },
  },
  {
    name: 'without a token column nobody can tell: unknown at once, claimed later where it waits, else unknown for good',
    async run(subject, strategy, mutation) {
      const config = withoutToken()
      const credited = await measure(subject)
      const waiting = await unknownClaim(subject, { strategy, mutation, config }, 'never sent')
      assert.equal(recovered(await waiting.error.resolve(AMPLE)), false)
      assert.equal(await credited(), 42)
      const claimed = await unknownClaim(subject, { strategy, mutation, config }, 'done, not answered')
      const { pending } = await unknownOf(claimed.error.resolve())
      assert.equal(pending, claimed.error.pending)
      await whileBegun(subject, (transaction) => unknownOf(claimed.claims.resolve(pending, { transaction })))
      assert.equal(await credited(), 84)
    },
  },
  {
    name: 'what the claim expected, wrote and was paid by is in pending',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce, resolve } = claimsOn(subject, {
        strategy,
        mutation,
        adapter: line.adapter,
        config: { resolveTimeoutMs: 0 },
      })
      const effect = (tx: unknown): unknown => recharge(subject, tx, 'paid')
      const claim = async (amount: string): Promise<{ id: number; pending: string }> => {
        const id = await subject.shop.newOrder()
        line.arm(COMMIT, 'never sent')
        const options = { effect, expect: { amount, account_id: 1n }, paymentId: 'p-1', set: { note: 'paid' } }
        // In an id column's own form, which JSON does not have.
        const { pending } = await unknownOf(claimOnce(BigInt(id), options))
        return { id, pending }
      }
      const paid = await claim('42.00')
      assert.equal((await resolve(paid.pending, { ...AMPLE, effect })).outcome, 'claimed')
      const row = await rowOf(subject, paid.id)
      assert.deepEqual([row['note'], row['gateway_txn']], ['paid', 'p-1'])
      const edited = await claim('42.00')
      await subject.query(`update orders set amount = 1 where order_id = ${edited.id}`)
      assert.equal((await resolve(edited.pending, { ...AMPLE, effect })).outcome, 'mismatch')
    },
  },
  {
    name: 'pending without the work that its claim had, of another table, or that is none, is refused before any SQL',
    async run(subject, strategy, mutation) {
      const { error, claims } = await unknownClaim(subject, { strategy, mutation }, 'never sent')
      const refused = { code: 'CLAIM_INPUT', reply: 'review' }
      const effect = (): void => {}
      await assert.rejects(claims.resolve(error.pending), refused)
      const others = claimsOn(subject, { strategy, mutation, config: { table: 'accounts' } })
      await assert.rejects(others.resolve(error.pending, { effect }), { ...refused, message: /of the table "orders"/ })
      for (const wrong of ['', 'abc', Buffer.from('{}').toString('base64url'), null, 7, undefined]) {
        await assert.rejects(claims.resolve(wrong, { effect }), refused, String(wrong))
      }
      await assert.rejects(claims.resolve(error.pending, { effect, set: { note: 'x' } }), refused)
      await assert.rejects(claims.resolve(error.pending, { effect, transaction: {} }), refused)
      assert.equal(recovered(await error.resolve(AMPLE)), false, 'the order waited')
    },
  },
  {
    name: "a provisional claim is found out: recovered where the caller's transaction was committed, else claimed now",
    async run(subject, strategy, mutation) {
      const { claimOnce, resolve } = claimsOn(subject, { strategy, mutation })
      await claimOnce(987_654) // the table is described before, on a connection of its own
      const provisional = async (end: 'commit' | 'rollback'): Promise<string> => {
        const id = await subject.shop.newOrder()
        const result = await whileBegun(subject, (transaction) => claimOnce(id, { transaction }), end)
        assert(result.outcome === 'claimed' && result.provisional)
        return result.pending ?? ''
      }
      for (const [end, isRecovered] of [
        ['commit', true],
        ['rollback', false],
      ] as const) {
        const credited = await measure(subject)
        const pending = await provisional(end)
        await assert.rejects(resolve(pending), { code: 'CLAIM_INPUT' }, 'its work would be missing')
        const effect = (tx: unknown): unknown => recharge(subject, tx, 'paid')
        assert.equal(recovered(await resolve(pending, { effect })), isRecovered)
        assert.equal(recovered(await resolve(pending, { effect })), true)
        assert.equal(await credited(), isRecovered ? 0 : 42)

        const second = await provisional(end)
        const ask = (): Promise<ClaimResult<unknown>> =>
          whileBegun(subject, (transaction) => resolve(second, { transaction }), 'commit')
        const result = await ask()
        assert(result.outcome === 'claimed')
        assert.deepEqual([result.recovered, result.provisional], [isRecovered, !isRecovered])
        assert.equal(recovered(await ask()), true)
      }
    },
  },
]
