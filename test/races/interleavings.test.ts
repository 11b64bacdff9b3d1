import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StrategyName } from '../../src/index.ts'
import { plain } from '../../src/sql.ts'
import { beforeTheUpdate, claimsOn } from '../contract/subject.ts'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes } from '../support/lanes.ts'
import type { NewOrder } from '../support/orders.ts'
import type { Guard } from './contest.ts'
import { withoutGuards } from './worker/without-guards.ts'

/** What no race could be relied on to hit: something happens at one instant of a claim, and a guard is there or not. */
interface Interleaving {
  readonly name: string
  readonly on: readonly Subject['family'][]
  readonly strategy: StrategyName
  readonly order?: NewOrder
  readonly expectAmount?: true
  /** Done by somebody else between the look of the claim and its UPDATE. */
  readonly between?: (id: number) => readonly string[]
  readonly guard: Guard
  /** No read takes a lock: a server that ignores the clause. */
  readonly ignoresLocks?: true
  readonly withGuard: string
  readonly withoutGuard: string
}

const BOTH = ['mysql', 'sqlite'] as const
const claimByHand = (id: number): readonly string[] => [`update orders set status = 'Y' where order_id = ${id}`]
const changeAmount = (id: number): readonly string[] => [`update orders set amount = 1 where order_id = ${id}`]
const claimAndPutBack = (id: number): readonly string[] => [
  `update orders set status = 'Y', row_version = row_version + 1 where order_id = ${id}`,
  `update orders set status = 'Wait', row_version = row_version + 1 where order_id = ${id}`,
]

const INTERLEAVINGS: readonly Interleaving[] = [
  {
    name: 'code by hand claims the order, and does not count its version',
    on: BOTH,
    strategy: 'optimistic',
    between: claimByHand,
    guard: 'status guard',
    withGuard: 'duplicate after another look',
    withoutGuard: 'claimed',
  },
  {
    name: 'code by hand claims the order, and the server ignored the lock',
    on: ['mysql'],
    strategy: 'pessimistic',
    between: claimByHand,
    guard: 'status guard',
    ignoresLocks: true,
    withGuard: 'duplicate',
    withoutGuard: 'claimed',
  },
  {
    name: 'the order is claimed and put back',
    on: BOTH,
    strategy: 'optimistic',
    between: claimAndPutBack,
    guard: 'version guard',
    withGuard: 'claimed after another look',
    withoutGuard: 'claimed',
  },
  {
    name: 'the amount changes, and the version does not',
    on: BOTH,
    strategy: 'optimistic',
    expectAmount: true,
    between: changeAmount,
    guard: 'expect guard',
    withGuard: 'mismatch after another look',
    withoutGuard: 'claimed',
  },
  {
    name: 'the amount changes, and the server ignored the lock',
    on: ['mysql'],
    strategy: 'pessimistic',
    expectAmount: true,
    between: changeAmount,
    guard: 'expect guard',
    ignoresLocks: true,
    withGuard: 'mismatch',
    withoutGuard: 'claimed',
  },
  {
    name: 'the amount was another from the beginning',
    on: BOTH,
    strategy: 'conditional',
    order: { amount: '1.00' },
    expectAmount: true,
    guard: 'expect guard',
    withGuard: 'mismatch',
    withoutGuard: 'claimed',
  },
  {
    name: 'the order is in a state that the collation takes for the waiting one',
    on: ['mysql'],
    strategy: 'conditional',
    order: { status: 'wait' },
    guard: 'exact status',
    withGuard: 'wrong_status',
    withoutGuard: 'claimed',
  },
]

/** Under REPEATABLE READ MariaDB 11.8 refuses to update what has changed since it was read, by 1020: a guard of its own. */
const readCommitted = (adapter: Subject['adapter']): Subject['adapter'] => ({
  ...adapter,
  async open(waiting) {
    const session = await adapter.open(waiting)
    await session.send(plain('set transaction isolation level read committed'))
    return session
  },
})

function describeInterleavings(name: string, family: Subject['family'], open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())

    async function outcomeOf(interleaving: Interleaving, without: readonly Guard[]): Promise<string> {
      const { strategy, order, between, expectAmount, ignoresLocks } = interleaving
      const id = await subject.shop.newOrder(order)
      const interfere = async (): Promise<void> => {
        for (const statement of between?.(id) ?? []) await subject.query(statement)
      }
      const claims = claimsOn(subject, {
        strategy,
        adapter: (adapter) => beforeTheUpdate(adapter, interfere),
        mutation: {
          adapter: (adapter) =>
            ignoresLocks === true
              ? readCommitted(withoutGuards(adapter, [...without, 'read lock']))
              : withoutGuards(adapter, without),
        },
      })
      const { outcome } = await claims.claimOnce(id, expectAmount === true ? { expect: { amount: '42.00' } } : {})
      const lookedAgain = claims.events.some((event) => event.type === 'retry')
      return `${outcome}${lookedAgain ? ' after another look' : ''}`
    }

    for (const interleaving of INTERLEAVINGS.filter(({ on }) => on.includes(family))) {
      const { guard, strategy, withGuard, withoutGuard } = interleaving
      test(`${strategy}, ${interleaving.name}: ${withGuard}, by the ${guard}`, async () => {
        expect(await outcomeOf(interleaving, [])).toBe(withGuard)
        expect(await outcomeOf(interleaving, [guard])).toBe(withoutGuard)
      })
    }

    test('an order that has moved on since its claim is not put back, by the claimed guard', async () => {
      const reset = async (without: readonly Guard[]): Promise<string> => {
        const id = await subject.shop.newOrder({ status: 'Shipped' })
        const mutation = { adapter: (adapter: Subject['adapter']) => withoutGuards(adapter, without) }
        return (await claimsOn(subject, { strategy: 'conditional', mutation }).reset(id)).outcome
      }
      expect(await reset([])).toBe('wrong_status')
      expect(await reset(['claimed guard'])).toBe('reset')
    })
  })
}

for (const { name, url } of lanes) {
  describeInterleavings(`a claim on ${name}`, 'mysql', () => mysqlSubject('mysql2/promise', url))
}
describeInterleavings('a claim in a SQLite file', 'sqlite', () => sqliteSubject('better-sqlite3, own connection'))
