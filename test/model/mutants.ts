import type { Search } from './search.ts'

/** A claim or a lease that is wrong in one respect, and the property that is broken first. */
export interface Mutant extends Omit<Search, 'kind'> {
  readonly name: string
  readonly caughtBy: string
}

export const NAIVE: Mutant = {
  name: 'the naive handler',
  model: 'claim',
  defines: ['STRATEGY=NAIVE', 'LOSSES=0'],
  caughtBy: 'at most one effect',
}

const ANSWERED = 'what is answered as handled is committed'
const NEVER_DONE = 'what is answered as not done is never done'
const HELD = 'only the holder of the lease renews or releases it'

const claim = (name: string, caughtBy: string, ...defines: readonly string[]): Mutant => ({
  name,
  model: 'claim',
  defines: [...defines, 'LOSSES=1'],
  caughtBy,
})

const lease = (name: string, caughtBy: string, define: string): Mutant => ({
  name,
  model: 'lease',
  defines: [define, 'WORKERS=2'],
  caughtBy,
})

export const MUTANTS: readonly Mutant[] = [
  NAIVE,
  claim('no status guard', 'at most one effect', 'NO_STATUS_GUARD', 'STRATEGY=CONDITIONAL'),
  claim('no status guard, for the row is locked', 'at most one effect', 'NO_STATUS_GUARD', 'STRATEGY=PESSIMISTIC'),
  claim('version guard only', 'at most one effect', 'NO_STATUS_GUARD', 'FIRST=OPTIMISTIC', 'FINAL=BY_HAND'),
  claim('row count ignored', ANSWERED, 'ROW_COUNT_IGNORED'),
  claim('moved version called duplicate', ANSWERED, 'MOVED_IS_DUPLICATE'),
  claim('answered before COMMIT', ANSWERED, 'ANSWERED_EARLY'),
  claim('effect after the COMMIT of the claim', ANSWERED, 'EFFECT_AFTERWARDS'),
  claim('any error called duplicate', ANSWERED, 'LOST_IS_DUPLICATE'),
  claim('any error called busy', NEVER_DONE, 'LOST_IS_BUSY'),
  claim('COMMIT sent again', ANSWERED, 'COMMIT_SENT_AGAIN'),
  claim('resolved by a plain read', NEVER_DONE, 'RESOLVED_BY_PLAIN_READ'),
  claim('resolved by a locking read, bare', NEVER_DONE, 'RESOLVED_BY_LOCKING_READ', 'BARE'),
  claim('token not checked', 'one winner, whose claim it is', 'TOKEN_NOT_CHECKED'),
  claim('token changes with each try', "a duplicate is not the call's own claim", 'TOKEN_CHANGES'),
  lease('completion without fence', 'at most one effect', 'COMPLETED_UNFENCED'),
  lease('late first worker wins', 'only the holder of the lease completes', 'COMPLETED_BY_STATUS'),
  lease('renewal without fence', HELD, 'RENEWED_UNFENCED'),
  lease('release without fence', HELD, 'RELEASED_UNFENCED'),
  lease("lease by the client's clock", 'no lease is taken over before its time', 'CLOCK_OF_CLIENT'),
  lease('no deadline', 'nobody waits for ever', 'NO_DEADLINE'),
  lease('idempotency key changes with each attempt', 'the payment is made once', 'KEY_OF_ATTEMPT'),
]
