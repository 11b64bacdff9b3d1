import { DEEDS } from '../plan/fault-kinds.ts'
import type { Deed, OrderKind } from '../plan/fault-kinds.ts'

/** Claims that are wrong in one respect, and by what it is noticed. */
export interface WrongClaims {
  readonly name: string
  readonly kinds: readonly OrderKind[]
  /** As many as it takes to meet what it is wrong in. */
  readonly orders: number
  readonly by: RegExp
  /** Where most faults would only keep it from what it is wrong in. Default: none. */
  readonly without?: readonly Deed[]
  /** Where orders are never handled. Default: that of every run. */
  readonly orderLimitMs?: number
}

export const MUTANTS: readonly WrongClaims[] = [
  { name: 'without-status-guard', kinds: ['effect'], orders: 40, by: /claimed_twice|effect_repeated/ },
  { name: 'row-count-ignored', kinds: ['effect'], orders: 40, by: /claimed_twice|effect_repeated/ },
  { name: 'any-token-is-own', kinds: ['effect'], orders: 200, by: /claimed_twice/ },
  { name: 'unknown-is-claimed', kinds: ['effect'], orders: 60, by: /claim_lost|claimed_twice/ },
  { name: 'unknown-is-duplicate', kinds: ['effect'], orders: 60, by: /claim_lost/ },
  {
    name: 'token-not-checked',
    kinds: ['lease'],
    orders: 200,
    without: DEEDS.filter((deed) => deed !== 'pause'),
    by: /lease_overtaken|lease_shared/,
  },
  { name: 'key-of-the-attempt', kinds: ['lease'], orders: 40, by: /effects outside: \d+, not 1/ },
  {
    name: 'clock-of-the-client',
    kinds: ['lease'],
    orders: 40,
    by: /lease_shared|claimed at a time of this run/,
    orderLimitMs: 10_000,
  },
  { name: 'time-of-the-session', kinds: ['effect'], orders: 40, by: /claimed at a time of this run/ },
]
