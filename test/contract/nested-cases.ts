import assert from 'node:assert/strict'
import type { Case } from './cases.ts'
import { leasesOn, LEASE_MS, ONE_STRATEGY } from './leased-order.ts'
import { Line } from './lost-answers.ts'
import { measure, recharge } from './recharge.ts'
import type { Subject, TestedClaims } from './subject.ts'

/** Whatever needs a connection of its own. */
const CALLS: Readonly<Record<string, (claims: TestedClaims, id: number) => Promise<unknown>>> = {
  claimOnce: ({ claimOnce }, id) => claimOnce(id),
  leaseOnce: ({ leaseOnce }, id) => leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'work' }),
  moveOnce: ({ moveOnce }, id) => moveOnce(id, { to: 'Expired' }),
  reset: ({ reset }, id) => reset(id),
}

/** An effect waits for what it has begun; one that must be done at once cannot, and is done. */
const waitedFor = ({ adapter }: Subject, begun: Promise<unknown>): unknown => {
  begun.catch(() => {})
  return adapter.synchronous ? undefined : begun
}

async function statusesOf({ shop }: Subject, ids: readonly number[]): Promise<readonly string[]> {
  const statuses: string[] = []
  for (const id of ids) statuses.push(await shop.statusOf(id))
  return statuses
}

/** A claim inside the effect of another. */
export const NESTED_CASES: readonly Case[] = [
  {
    name: 'a claim inside an effect, by whichever claims on its pool, is refused at once, and nothing is sent for it',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const line = new Line()
      const under = { strategy, mutation, adapter: line.adapter }
      const claims = leasesOn(subject, under)
      const elsewhere = leasesOn(subject, under)
      await claims.claimOnce(987_654)
      for (const [name, call] of Object.entries(CALLS)) {
        for (const nested of [claims, elsewhere]) {
          const ids = [await subject.shop.newOrder(), await subject.shop.newOrder()]
          const [outer = 0, inner = 0] = ids
          let refused: Promise<unknown> = Promise.resolve()
          let sent = -1
          const result = claims.claimOnce(outer, {
            effect() {
              const before = line.sent.length
              refused = call(nested, inner)
              sent = line.sent.length - before
              return waitedFor(subject, refused)
            },
          })
          const misuse = { code: 'CLAIM_EFFECT_MISUSE', reply: 'review' }
          // An effect that does not wait for it does not know.
          if (subject.adapter.synchronous) await result
          else await assert.rejects(result, misuse, name)
          await assert.rejects(refused, misuse, name)
          assert.equal(sent, 0, name)
          assert.deepEqual(await statusesOf(subject, ids), [subject.adapter.synchronous ? 'Y' : 'Wait', 'Wait'])
        }
      }
    },
  },
  {
    name: "a claim inside an effect, in the effect's own transaction, is committed or undone with it",
    async run(subject, strategy, mutation) {
      const { claimOnce, moveOnce } = leasesOn(subject, { strategy, mutation })
      await claimOnce(987_654)
      const credited = await measure(subject)
      for (const fails of [false, true]) {
        const ids = [await subject.shop.newOrder(), await subject.shop.newOrder(), await subject.shop.newOrder()]
        const [outer = 0, inner = 0, other = 0] = ids
        const call = claimOnce(outer, {
          effect(tx) {
            const begun = (id: number, nested: () => Promise<unknown>) => (): unknown => {
              const doing = nested()
              doing.catch(() => {})
              return subject.adapter.synchronous ? id : doing
            }
            const steps = [
              begun(inner, () => claimOnce(inner, { strategy, transaction: tx })),
              begun(other, () => moveOnce(other, { to: 'Expired', transaction: tx })),
              () => recharge(subject, tx, 'paid'),
              () => {
                if (fails) throw new Error('not now')
              },
            ]
            return inTurn(steps)
          },
        })
        if (fails) await assert.rejects(call, { message: 'not now' })
        else assert.equal((await call).outcome, 'claimed')
        assert.deepEqual(await statusesOf(subject, ids), fails ? ['Wait', 'Wait', 'Wait'] : ['Y', 'Y', 'Expired'])
      }
      assert.equal(await credited(), 42)
    },
  },
  {
    name: 'a claim after an effect, or beside it, is as good as any',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { claimOnce } = leasesOn(subject, { strategy, mutation })
      await claimOnce(987_654)
      const [outer, later, beside] = [
        await subject.shop.newOrder(),
        await subject.shop.newOrder(),
        await subject.shop.newOrder(),
      ]
      const over = Promise.withResolvers<unknown>()
      const running = Promise.withResolvers<unknown>()
      const goesOn = Promise.withResolvers<unknown>()
      let afterwards: Promise<{ outcome: string }> | null = null
      const ample = { timeoutMs: 20_000 }
      const call = claimOnce(outer, {
        ...ample,
        effect() {
          // Begun by the effect, which does not wait for it.
          afterwards = over.promise.then(() => claimOnce(later, ample))
          running.resolve(null)
          return waitedFor(subject, goesOn.promise)
        },
      })
      await running.promise
      const other = claimOnce(beside, ample)
      goesOn.resolve(null)
      assert.equal((await call).outcome, 'claimed')
      assert.equal((await other).outcome, 'claimed')
      over.resolve(null)
      assert.equal((await (afterwards as Promise<{ outcome: string }> | null))?.outcome, 'claimed')
    },
  },
]

/** One step after the other: at once, as long as each is answered at once. */
function inTurn(steps: readonly (() => unknown)[]): unknown {
  const [first, ...rest] = steps
  if (first === undefined) return undefined
  const done = first()
  return done instanceof Promise ? done.then(() => inTurn(rest)) : inTurn(rest)
}
