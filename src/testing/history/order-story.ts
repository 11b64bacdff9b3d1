import type { Deed } from './deed.ts'
import { ofKind } from './event.ts'
import type { EventOf, HistoryEvent } from './event.ts'

/** Everything that is known of one order. */
export interface OrderStory {
  readonly order: string
  readonly events: readonly HistoryEvent[]
  /** Each is certain, and no two are the same one: a claim and its recovery are one. */
  readonly claims: readonly Deed[]
  /** By `moveOnce`, from waiting to where it cannot be claimed. */
  readonly moves: readonly Deed[]
  /** Put back to waiting. */
  readonly resets: readonly Deed[]
  /** Perhaps put back: nobody was told, or not from which state. */
  readonly possibleResets: readonly Deed[]
  readonly final: EventOf<'final'> | null
}

type Ended = EventOf<'outcome'> | EventOf<'error'>

/** What the calls on one order came to. */
export function storyOf(order: string, events: readonly HistoryEvent[]): OrderStory {
  const kept = <Kind extends HistoryEvent['kind']>(kind: Kind): EventOf<Kind>[] => ofKind(events, kind)
  const starts = new Map(kept('started').map((event) => [event.call, event]))
  const ended = [...kept('outcome'), ...kept('error')]
  const leftUnknown = kept('error').filter((event) => event.operation !== 'resolve')
  const unknown = new Map(leftUnknown.flatMap((event) => (event.claim === undefined ? [] : [[event.claim, event]])))

  const startOf = (event: Ended): number => starts.get(event.call)?.at ?? event.since ?? event.at
  const deed = (event: Ended): Deed => ({ event, from: startOf(event), to: event.at })
  const happened = (outcome: string): Deed[] =>
    kept('outcome')
      .filter((event) => event.outcome === outcome && event.provisional !== true)
      .map(deed)

  const inDoubt = kept('error').filter((event) => event.operation === 'reset' && event.code === 'CLAIM_UNKNOWN')
  const provisional = kept('outcome').filter((event) => event.outcome === 'reset' && event.provisional === true)
  const calls = new Set(ended.map(({ call }) => call))
  // Their process was killed, or nobody has waited for them.
  const neverEnded = kept('started').filter((event) => event.operation === 'reset' && !calls.has(event.call))
  return {
    order,
    events,
    claims: claimsIn(kept('outcome'), (event) => {
      // A claim that was left unknown may have been made from the beginning of its own call on, whoever resolves it.
      const origin = event.claim === undefined ? undefined : unknown.get(event.claim)
      return { ...deed(event), from: startOf(origin ?? event) }
    }),
    moves: happened('moved'),
    resets: happened('reset'),
    possibleResets: [
      ...[...inDoubt, ...provisional].map((event) => ({ ...deed(event), to: Infinity })),
      ...neverEnded.map((event) => ({ event, from: event.at, to: Infinity })),
      // By whatever code, from whatever state.
      ...kept('put_back').map((event) => ({ event, from: event.since ?? -Infinity, to: event.at })),
    ],
    final: kept('final').at(-1) ?? null,
  }
}

/** An answer that says `recovered` tells again of a claim that somebody may have told of already. */
function claimsIn(outcomes: readonly EventOf<'outcome'>[], deed: (event: EventOf<'outcome'>) => Deed): Deed[] {
  const claims = new Map<string, Deed>()
  const won = outcomes.filter((event) => event.outcome === 'claimed' && event.provisional !== true)
  for (const event of won.filter(({ recovered }) => recovered !== true)) claims.set(event.call, deed(event))
  const told = new Set(won.flatMap(({ claim, recovered }) => (recovered === true ? [] : (claim ?? []))))
  for (const event of won.filter(({ recovered }) => recovered === true)) {
    const claim = event.claim ?? event.call
    if (told.has(claim)) continue
    told.add(claim)
    claims.set(event.call, deed(event))
  }
  return [...claims.values()]
}
