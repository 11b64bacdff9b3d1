import { expect } from 'vitest'
import { ClaimError } from '../../../src/errors.ts'
import { STRATEGIES } from '../../../src/config.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import type { Fault } from '../../support/tds/faults.ts'
import { until } from '../../support/until.ts'
import { poolIsWhole } from './hygiene.ts'
import { PlayedSession } from './played-session.ts'
import { claimsOn } from './subjects.ts'
import type { Mutation, TdsSubject } from './subjects.ts'

export interface TdsCase {
  readonly name: string
  readonly run: (subject: TdsSubject, mutation?: Mutation) => Promise<void>
}

export const isClaim = ({ sql }: Pick<TdsRequest, 'sql'>): boolean => sql.includes('\nupdate [dbo].[orders]\n')
export const isRead = ({ sql }: TdsRequest): boolean => sql.includes('\nfrom [dbo].[orders]')
export const isCommit = ({ kind }: TdsRequest): boolean => kind === 'commit'
/** kysely's by a request, mssql's by a batch. */
export const isBegin = ({ kind, sql }: TdsRequest): boolean =>
  kind === 'begin' || sql.includes('as isolation_level\nfrom sys.dm_exec_sessions')

export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => {
      throw new Error(`It was expected to fail, and answered ${JSON.stringify(value)}.`)
    },
    (error: unknown) => (error instanceof ClaimError ? error.code : String(error)),
  )

/** The row of an order is locked by a session that is not there. */
export function lockByAnother({ shop, server }: TdsSubject, id: number): () => void {
  const order = shop.orders.get(String(id))
  const [session] = server.sessions
  if (order === undefined || session === undefined) throw new Error('There is no such order, or no session yet.')
  order.lockedBy = new PlayedSession(session, false)
  return () => (order.lockedBy = null)
}

const CUTS: readonly Fault[] = ['cut before', 'cut after', 'cut midway']
const SILENCES: readonly Fault[] = ['swallow', 'hang']

export const CASES: readonly TdsCase[] = [
  {
    name: 'the winner is read from a row: under NOCOUNT in the server nothing is counted',
    async run(subject, mutation) {
      subject.shop.noCount = true
      const claims = claimsOn(subject, mutation)
      for (const [index, strategy] of STRATEGIES.entries()) {
        const id = subject.shop.add(index)
        expect(await claims.claimOnce(id, { strategy })).toMatchObject({ outcome: 'claimed' })
        expect(await claims.claimOnce(id, { strategy })).toMatchObject({ outcome: 'duplicate' })
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'the winner is read from a row: triggers add counts of their own',
    async run(subject, mutation) {
      subject.shop.countsOfTriggers = [1, 7]
      const claims = claimsOn(subject, mutation)
      for (const [index, strategy] of STRATEGIES.entries()) {
        const id = subject.shop.add(index)
        expect(await claims.claimOnce(id, { strategy })).toMatchObject({ outcome: 'claimed' })
        expect(await claims.claimOnce(id, { strategy })).toMatchObject({ outcome: 'duplicate' })
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'an error beats the rows that came before it in the same reply',
    async run(subject, mutation) {
      const claims = claimsOn(subject, mutation)
      for (const [index, strategy] of STRATEGIES.entries()) {
        const id = subject.shop.add(index)
        subject.shop.failAfterRows = { number: 3609, message: 'The transaction ended in the trigger.' }
        expect(await codeOf(claims.claimOnce(id, { strategy }))).toBe('CLAIM_REJECTED')
        expect(subject.shop.statusOf(id)).toBe('Wait')
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a lock that is not got in time is busy, and its transaction is rolled back',
    async run(subject, mutation) {
      const claims = claimsOn(subject, mutation)
      await claims.claimOnce(subject.shop.add(99))
      for (const [index, strategy] of STRATEGIES.entries()) {
        const id = subject.shop.add(index)
        const unlock = lockByAnother(subject, id)
        for (const effect of [undefined, () => 1]) {
          const call = claims.claimOnce(id, { strategy, lockTimeoutMs: 40, ...(effect && { effect }) })
          expect(await call).toMatchObject({ outcome: 'busy' })
        }
        unlock()
        expect(await claims.claimOnce(id, { strategy })).toMatchObject({ outcome: 'claimed' })
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a connection that is cut while the claim is under way leaves it unknown',
    async run(subject, mutation) {
      const claims = claimsOn(subject, mutation)
      for (const strategy of STRATEGIES) {
        for (const fault of CUTS) {
          const id = subject.shop.add(subject.shop.orders.size + 1)
          const armed = subject.server.faults.add({ when: isClaim, do: fault })
          expect(await codeOf(claims.claimOnce(id, { strategy })), `${strategy}, ${JSON.stringify(fault)}`).toBe(
            'CLAIM_UNKNOWN',
          )
          expect(armed.strikes).toBe(1)
        }
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a claim that is not answered in time is unknown, and its connection is not used again',
    async run(subject, mutation) {
      const claims = claimsOn(subject, mutation)
      for (const fault of SILENCES) {
        const id = subject.shop.add(subject.shop.orders.size + 1)
        subject.server.faults.add({ when: isClaim, do: fault })
        expect(await codeOf(claims.claimOnce(id, { timeoutMs: 150 })), JSON.stringify(fault)).toBe('CLAIM_UNKNOWN')
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a COMMIT that is not answered is unknown, is not sent again, and leaks no connection',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = claimsOn(subject, mutation)
      for (const fault of [...CUTS, ...SILENCES]) {
        const id = shop.add(shop.orders.size + 1)
        const before = server.requests.filter(isCommit).length
        server.faults.add({ when: isCommit, do: fault })
        const call = claims.claimOnce(id, { timeoutMs: 250, effect: (tx) => subject.run(tx, CREDIT) })
        expect(await codeOf(call), JSON.stringify(fault)).toBe('CLAIM_UNKNOWN')
        expect(server.requests.filter(isCommit).length - before).toBe(1)
        // Claim and effect are one, whichever it came to.
        const applied = fault === 'cut after' || fault === 'cut midway' || fault === 'swallow'
        await until(() => shop.statusOf(id) === (applied ? 'Y' : 'Wait'), `${JSON.stringify(fault)}: what the order is`)
      }
      expect(shop.balance).toBe(3 * 42)
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a COMMIT that is refused leaks no connection, also where the ROLLBACK after it is refused too',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = claimsOn(subject, mutation)
      for (const rollbackFails of [false, true]) {
        const id = shop.add(shop.orders.size + 1)
        server.faults.add({ when: isCommit, do: { error: REFUSAL } })
        if (rollbackFails) {
          server.faults.add({ when: ({ kind }) => kind === 'rollback', do: { error: REFUSAL } })
        }
        expect(await codeOf(claims.claimOnce(id, { effect: (tx) => subject.run(tx, CREDIT) }))).toBe('CLAIM_UNKNOWN')
        server.faults.clear()
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a deadlock at COMMIT is tried again',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = claimsOn(subject, mutation)
      const id = shop.add(1)
      server.faults.add({ when: isCommit, do: { error: DEADLOCK, rolledBack: true } })
      expect(await claims.claimOnce(id, { effect: (tx) => subject.run(tx, CREDIT) })).toMatchObject({
        outcome: 'claimed',
      })
      expect(shop.balance).toBe(42)
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'an unbalanced begin in the effect is found before COMMIT, and nothing of it stays',
    async run(subject, mutation) {
      const { shop } = subject
      const claims = claimsOn(subject, mutation)
      const id = shop.add(1)
      const effect = async (tx: unknown): Promise<void> => {
        await subject.run(tx, 'begin tran')
        await subject.run(tx, CREDIT)
      }
      expect(await codeOf(claims.claimOnce(id, { effect }))).toBe('CLAIM_EFFECT_MISUSE')
      // The connection is closed, and what the server had open with it.
      await poolIsWhole(subject, mutation)
      expect([shop.statusOf(id), shop.balance]).toEqual(['Wait', 0])
    },
  },
  {
    name: 'an effect that ends the transaction is told so, and nothing after it is sent',
    async run(subject, mutation) {
      const { shop } = subject
      const claims = claimsOn(subject, mutation)
      for (const ending of ['commit', 'rollback']) {
        const id = shop.add(shop.orders.size + 1)
        const effect = async (tx: unknown): Promise<void> => {
          await subject.run(tx, ending).catch(() => {})
          await subject.run(tx, CREDIT).catch(() => {})
        }
        expect(await codeOf(claims.claimOnce(id, { effect })), ending).toBe('CLAIM_EFFECT_MISUSE')
        expect(shop.balance).toBe(0)
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a deadlock that the effect swallows: what follows is not sent, and the whole is tried again',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = claimsOn(subject, mutation)
      const id = shop.add(1)
      server.faults.add({ when: ({ sql }) => sql === 'select 2', do: { error: DEADLOCK, rolledBack: true } })
      const effect = async (tx: unknown): Promise<void> => {
        await subject.run(tx, 'select 2').catch(() => {})
        await subject.run(tx, CREDIT).catch(() => {})
      }
      expect(await claims.claimOnce(id, { effect })).toMatchObject({ outcome: 'claimed' })
      expect([shop.statusOf(id), shop.balance]).toEqual(['Y', 42])
      await poolIsWhole(subject, mutation)
    },
  },
]

export const CREDIT = 'update accounts set balance = balance + 42 where id = 1'
const REFUSAL = { number: 701, message: 'There is insufficient system memory.', class: 17 } as const
export const DEADLOCK = { number: 1205, message: 'Transaction was deadlocked.', state: 51, class: 13 } as const
