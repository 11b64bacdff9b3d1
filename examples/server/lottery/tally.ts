/** A card, and who has it, or was told that he has. */
export interface Given {
  readonly winner: string
  readonly card: string
}

/** What came of a rush. */
export interface Tally {
  /** Different cards that somebody was told to be his. */
  readonly cardsGiven: number
  readonly winnersWithTwoCards: number
  readonly cardsWithTwoOwners: number
  readonly mostOwnersOfOneCard: number
  /** Winners who were told that there are none left, and nothing else. */
  readonly exhausted: number
  /** Requests that got no answer. */
  readonly failures: readonly unknown[]
  /** Winners who were told of a card that the table says is not theirs. */
  readonly toldWrongly: number
  readonly tookMs: number
  /** As many cards as there are given, each to one winner, and to none a second; the others told that there are none. */
  readonly isRight: boolean
}

export function tally({
  told,
  kept,
  tookMs,
  cards,
  winners,
}: {
  /** By request. */
  readonly told: readonly { readonly winner: string; readonly answer: PromiseSettledResult<string | null> }[]
  /** By the table. */
  readonly kept: readonly Given[]
  readonly tookMs: number
  readonly cards: number
  readonly winners: number
}): Tally {
  const given = told.flatMap(({ winner, answer }): Given[] =>
    answer.status === 'fulfilled' && answer.value !== null ? [{ winner, card: answer.value }] : [],
  )
  const without = told.flatMap(({ winner, answer }) =>
    answer.status === 'fulfilled' && answer.value === null ? [winner] : [],
  )
  const failures = told.flatMap(({ answer }): unknown[] => (answer.status === 'rejected' ? [answer.reason] : []))
  const cardsOf = grouped(given, ({ winner, card }) => [winner, card])
  const ownersOf = grouped(given, ({ winner, card }) => [card, winner])
  const ownerOf = new Map(kept.map(({ card, winner }) => [card, winner]))
  const counts = {
    cardsGiven: ownersOf.size,
    winnersWithTwoCards: moreThanOne(cardsOf),
    cardsWithTwoOwners: moreThanOne(ownersOf),
    mostOwnersOfOneCard: Math.max(0, ...[...ownersOf.values()].map(({ size }) => size)),
    exhausted: new Set(without.filter((winner) => !cardsOf.has(winner))).size,
    toldWrongly: new Set(given.filter(({ winner, card }) => ownerOf.get(card) !== winner).map(({ winner }) => winner))
      .size,
  }
  const isRight =
    failures.length === 0 &&
    counts.cardsGiven === cards &&
    kept.length === cards &&
    counts.winnersWithTwoCards === 0 &&
    counts.cardsWithTwoOwners === 0 &&
    counts.toldWrongly === 0 &&
    counts.exhausted === winners - cards
  return { ...counts, failures, tookMs, isRight }
}

function grouped(given: readonly Given[], pair: (given: Given) => readonly [string, string]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>()
  for (const [key, value] of given.map(pair)) groups.set(key, (groups.get(key) ?? new Set()).add(value))
  return groups
}

const moreThanOne = (groups: ReadonlyMap<string, ReadonlySet<string>>): number =>
  [...groups.values()].filter(({ size }) => size > 1).length
