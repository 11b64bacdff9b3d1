/** What is measured in one slice: of this the ratios are made. */
export interface Rate {
  readonly perSecond: number
}

/** By the number of the round. */
export type Rounds<Slice extends Rate> = ReadonlyMap<number, Slice>

/** A subject that needs so many times longer for a slice than it was given takes part in the first rounds only. */
const TOO_SLOW = 4
const ROUNDS_OF_SLOW = 2

/**
 * Lets the subjects take turns, slice by slice: the machine may be busy with other things, but then for all of them.
 * Those that are compared stand beside one another; every second round goes the other way round.
 *
 * @param measure one slice of so many seconds; afterwards everything is as it was before
 */
export async function inTurns<Subject, Slice extends Rate>(
  subjects: readonly Subject[],
  { slices: rounds, seconds: all }: { readonly slices: number; readonly seconds: number },
  beforeEach: () => Promise<void>,
  measure: (subject: Subject, seconds: number) => Promise<Slice>,
): Promise<ReadonlyMap<Subject, Rounds<Slice>>> {
  const seconds = all / rounds
  const slices = new Map(subjects.map((subject) => [subject, new Map<number, Slice>()]))
  const slow = new Set<Subject>()
  // Connections are opened and statements prepared.
  for (const subject of subjects) await measure(subject, Math.min(seconds, 0.25))
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      if (slow.has(subject) && round >= ROUNDS_OF_SLOW) continue
      await beforeEach()
      const start = performance.now()
      slices.get(subject)?.set(round, await measure(subject, seconds))
      if (performance.now() - start > TOO_SLOW * seconds * 1000) slow.add(subject)
    }
  }
  return slices
}

/** The median, over the rounds in which both took part, of how many times as much a second `first` did. */
export function ratioOf(first: Rounds<Rate>, second: Rounds<Rate>): number {
  const ratios = [...first].flatMap(([round, slice]) => {
    const beside = second.get(round)
    return beside === undefined || beside.perSecond === 0 ? [] : [slice.perSecond / beside.perSecond]
  })
  return median(ratios)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? NaN : (low + high) / 2
}
