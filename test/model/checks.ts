import type { Search } from './search.ts'

export interface Check extends Search {
  readonly name: string
}

/** Must be searched to the end, and nothing found. */
export const RIGHT: readonly Check[] = [
  { name: 'two calls, any strategies, two connections lost', model: 'claim', kind: 'safety' },
  {
    name: 'three calls, any strategies, one connection lost',
    model: 'claim',
    defines: ['CALLS=3', 'LOSSES=1'],
    kind: 'safety',
  },
  { name: 'two bare calls, any strategies, two connections lost', model: 'claim', defines: ['BARE'], kind: 'safety' },
  { name: 'two calls always come to an end', model: 'claim', defines: ['LOSSES=1'], kind: 'liveness' },
  { name: 'three workers and a lease', model: 'lease', kind: 'safety' },
  { name: 'two workers and a lease always come to an end', model: 'lease', defines: ['WORKERS=2'], kind: 'liveness' },
]

/** Wrong in one respect, and right all the same: something else holds. */
export const REDUNDANT: readonly (Check & { readonly heldBy: string })[] = [
  {
    name: 'no status guard, optimistic calls alone',
    heldBy: 'the version, as long as nothing has to be resolved and nobody else writes',
    model: 'claim',
    defines: ['NO_STATUS_GUARD', 'STRATEGY=OPTIMISTIC', 'LOSSES=0'],
    kind: 'safety',
  },
  {
    name: 'resolved by a locking read, with an effect',
    heldBy: 'the row lock: a lost COMMIT still has it, and a lost UPDATE is never committed',
    model: 'claim',
    defines: ['RESOLVED_BY_LOCKING_READ'],
    kind: 'safety',
  },
]
