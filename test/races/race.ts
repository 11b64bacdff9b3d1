import type { Arena } from './arena.ts'
import type { Guard, SessionFacts, Side } from './contest.ts'
import type { RaceShop } from './race-shop.ts'
import { story, violations } from './referee.ts'
import type { Heat, Setting } from './settings.ts'

/** Where races take place: two processes, and a shop that both can reach. */
export interface Track {
  /** Lane or file: the beginning of a failing round's story. */
  readonly name: string
  readonly arena: Arena
  readonly shop: RaceShop
}

/** Both processes connected and warmed up, on an order that is claimed already. */
export async function lineUp(
  { arena, shop }: Track,
  { drivers, calls, session }: Omit<Setting, 'heats' | 'name'>,
  without: readonly Guard[] = [],
): Promise<SessionFacts[]> {
  const side = { database: shop.database, calls, without, ...(session === undefined ? {} : { session }) }
  const sides: [Side, Side] = [
    { ...side, driver: drivers[0] },
    { ...side, driver: drivers[1] },
  ]
  return await arena.open(sides, await shop.newOrder({ status: 'Y' }))
}

/** What a number of rounds came to. */
export interface Tally {
  readonly title: string
  readonly milliseconds: readonly number[]
  readonly outcomes: readonly string[]
  readonly retries: readonly string[]
  /** One for each round that went wrong. */
  readonly stories: readonly string[]
}

export const titleOf = ({ callers, rounds }: Heat): string => `${callers.join(', ')} × ${rounds}`

export interface UntilWhen {
  /** So many rounds that went wrong tell enough. Default: 5. */
  readonly stories?: number
  /** Fires when the test is over, because its time is. */
  readonly signal?: AbortSignal
}

/** Round after round, each on a fresh order, with and without effect by turns. */
export async function race(
  { name, arena, shop }: Track,
  setting: Pick<Setting, 'name'>,
  heat: Heat,
  { stories: enough = 5, signal }: UntilWhen = {},
): Promise<Tally> {
  const { callers, rounds, effect } = heat
  const title = `${name}, ${setting.name}, ${titleOf(heat)}`
  const milliseconds: number[] = []
  const outcomes: string[] = []
  const retries: string[] = []
  const stories: string[] = []
  for (let number = 1; number <= rounds && stories.length < enough; number += 1) {
    signal?.throwIfAborted()
    const orderId = await shop.newOrder()
    const { balance: balanceBefore } = await shop.witness(orderId)
    const withEffect = effect === 'always' || number % 2 === 0
    const begun = performance.now()
    const finish = await arena.race({ orderId, callers, withEffect })
    milliseconds.push(performance.now() - begun)
    outcomes.push(...finish.answers.map(({ outcome }) => outcome))
    retries.push(...finish.retries)
    const round = { title, number, orderId, withEffect, balanceBefore, finish, witness: await shop.witness(orderId) }
    const found = violations(round)
    if (found.length > 0) stories.push(story(round, found))
  }
  return { title, milliseconds, outcomes, retries, stories }
}
