import { expect, onTestFinished } from 'vitest'
import { checkPoolConfig } from '../../../src/pool/check-pool-config.ts'
import { ItemPoolCaller } from '../../../src/pool/item-pool.ts'
import type { PoolEvent } from '../../../src/pool/pool-events.ts'
import { CARD_COLUMNS, CARD_STATES } from '../../pool/cards.ts'
import type { Cards, CardsUnderTest } from '../../pool/cards.ts'
import { TdsServer } from '../../support/tds/server.ts'
import { until } from '../../support/until.ts'
import { openDriver } from '../claims/subjects.ts'
import type { Driver, DriverName } from '../claims/subjects.ts'
import { PlayedPool } from './played-pool.ts'

export interface TdsPool extends Driver {
  readonly server: TdsServer
  readonly played: PlayedPool
}

/** For one test, and closed with it. */
export async function poolOf(driver: DriverName): Promise<TdsPool> {
  const played = new PlayedPool()
  const server = await TdsServer.start({ answer: played.answer, cancelled: played.cancelled, closed: played.closed })
  const opened = await openDriver(driver, server)
  onTestFinished(async () => {
    await opened.close()
    await server.stop()
  })
  return { ...opened, server, played }
}

/** Cards whose table is described, so that what is sent from now on is theirs. */
export async function cardsOn(
  { adapter }: TdsPool,
  { strategy, adapter: wrap = (one) => one, ...bounds }: CardsUnderTest,
): Promise<Cards> {
  const events: PoolEvent[] = []
  const database = wrap(adapter)
  const config = { database, table: 'dbo.cards', columns: CARD_COLUMNS, states: CARD_STATES, strategy, timeoutMs: 1000 }
  const caller = new ItemPoolCaller(checkPoolConfig({ ...config, ...bounds }), database, (event) => events.push(event))
  await caller.count({ scope: 'none' })
  return {
    claimNext: (owner, options = {}) => caller.claimNext(owner, { scope: 'spring', ...options }),
    confirm: (owner, options = {}) => caller.confirm(owner, { scope: 'spring', ...options }),
    release: (owner, options = {}) => caller.release(owner, { scope: 'spring', ...options }),
    expire: (options = {}) => caller.expire({ scope: 'spring', ...options }),
    refill: (options = {}) => caller.refill({ scope: 'spring', ...options }),
    count: (options = {}) => caller.count({ scope: 'spring', ...options }),
    strategy,
    events,
  } as Cards
}

/** What the table says of each card: whose it is. */
export const ownersOf = ({ played }: TdsPool): (string | null)[] =>
  played.cards.all('spring').map(({ owner }) => (owner === null ? null : String(owner)))

/** Nothing is lent, and no session is left in a transaction or with a setting of ours. */
export async function poolIsWhole({ played, lent }: TdsPool): Promise<void> {
  await until(() => (lent() ?? 0) === 0, 'nothing is lent', 4000)
  expect(
    played.open.map(({ transactions, settings }) => [transactions, settings.isolation, settings.lockTimeout]),
  ).toEqual(played.open.map(() => [0, 2, -1]))
}
