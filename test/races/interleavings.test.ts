import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StrategyName } from '../../src/index.ts'
import { plain } from '../../src/sql.ts'
import { beforeTheUpdate, claimsOn } from '../contract/subject.ts'
import type { Subject } from '../contract/subject.ts'
import { mssqlSubject } from '../contract/mssql-subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
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
  readonly between?: (id: number, family: Subject['family']) => readonly string[]
  readonly guard: Guard
  /** No read takes a lock: a server that ignores the clause. */
  readonly ignoresLocks?: true
  readonly withGuard: string
  readonly withoutGuard: string
}

const ALL = ['mysql', 'mssql', 'sqlite'] as const
/** Where versions are numbers. SQL Server moves its own on with every update, so that nobody can leave it alone. */
const COUNTED = ['mysql', 'sqlite'] as const
/** Where others get in between a lock that is ignored and the UPDATE. */
const SERVERS = ['mysql', 'mssql'] as const
const claimByHand = (id: number): readonly string[] => [`update orders set status = 'Y' where order_id = ${id}`]
const changeAmount = (id: number): readonly string[] => [`update orders set amount = 1 where order_id = ${id}`]
const claimAndPutBack = (id: number, family: Subject['family']): readonly string[] => {
  const moved = family === 'mssql' ? '' : ', row_version = row_version + 1'
  return ['Y', 'Wait'].map((status) => `update orders set status = '${status}'${moved} where order_id = ${id}`)
}

const INTERLEAVINGS: readonly Interleaving[] = [
  {
    name: 'code by hand claims the order, and does not count its version',
    on: COUNTED,
    strategy: 'optimistic',
    between: claimByHand,
    guard: 'status guard',
    withGuard: 'duplicate after another look',
    withoutGuard: 'claimed',
  },
  {
    name: 'code by hand claims the order, and the server ignored the lock',
    on: SERVERS,
    strategy: 'pessimistic',
    between: claimByHand,
    guard: 'status guard',
    ignoresLocks: true,
    withGuard: 'duplicate',
    withoutGuard: 'claimed',
  },
  {
    name: 'the order is claimed and put back',
    on: ALL,
    strategy: 'optimistic',
    between: claimAndPutBack,
    guard: 'version guard',
    withGuard: 'claimed after another look',
    withoutGuard: 'claimed',
  },
  {
    name: 'the amount changes, and the version does not',
    on: COUNTED,
    strategy: 'optimistic',
    expectAmount: true,
    between: changeAmount,
    guard: 'expect guard',
    withGuard: 'mismatch after another look',
    withoutGuard: 'claimed',
  },
  {
    name: 'the amount changes, and the server ignored the lock',
    on: SERVERS,
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
    on: ALL,
    strategy: 'conditional',
    order: { amount: '1.00' },
    expectAmount: true,
    guard: 'expect guard',
    withGuard: 'mismatch',
    withoutGuard: 'claimed',
  },
  {
    name: 'the order is in a state that the collation takes for the waiting one',
    on: SERVERS,
    strategy: 'conditional',
    order: { status: 'wait' },
    guard: 'exact status',
    withGuard: 'wrong_status',
    withoutGuard: 'claimed',
  },
]

/** As SQL Server's claims are anyway. Under REPEATABLE READ MariaDB 11.8 refuses to update what has changed since it was read, by 1020: a guard of its own. */
const readCommitted = (adapter: Subject['adapter']): Subject['adapter'] => ({
  ...adapter,
  async open(waiting) {
    const session = await adapter.open(waiting)
    if (adapter.dialect.name === 'mysql') await session.send(plain('set transaction isolation level read committed'))
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
        for (const statement of between?.(id, family) ?? []) await subject.query(statement)
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
for (const { name, url } of mssqlLanes) {
  describeInterleavings(`a claim on ${name}`, 'mssql', () => mssqlSubject('mssql', url))
}
describeInterleavings('a claim in a SQLite file', 'sqlite', () => sqliteSubject('better-sqlite3, own connection'))
