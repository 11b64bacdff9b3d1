/** The states that a change of an order leads from and to, by the names of their parameters. */
export type StateName = 'waiting' | 'claimed' | 'processing' | 'failed' | 'closed'

/** What a change writes beside the status. A column that is not configured is left out. */
export type Write =
  | 'next version'
  | 'token'
  | 'no token'
  | 'claimed now'
  | 'not claimed'
  | 'payment'
  | 'no payment'
  /** Of an order that nobody but a callback goes on with, which brings its payment again. */
  | 'no payment unless due'
  | 'lease'
  | 'lease over now'
  | 'no lease'
  /** It is for nobody's worker. */
  | 'not due'
  | 'due now'
  /** Unless it is, or will be, for another reason. */
  | 'due now unless it has a time'
  /** When the lease is over. */
  | 'due after the lease'
  /** After the pause that the next attempt is to make. */
  | 'due later'
  | 'one more attempt'
  | 'one attempt less'
  | 'no attempts'
  | 'error'
  | 'no error'
  | 'result'
  | 'no result'
  /** The columns of `set`. */
  | 'set'

/** What the row must hold beside the status. */
export type Guard =
  /** Everything of `expect`. */
  | 'expect'
  /** The token of this call: nobody has taken the order from it. */
  | 'own token'
  /** The lease is over, by the database's clock. */
  | 'lease over'
  /** Its time has come, by the database's clock. */
  | 'due'

/** One change of an order. Its guard is in the write: `status = from`, whatever was read or locked before. */
export interface Transition {
  readonly name: string
  /** `null`: in the claim's own transaction, which has the row already. */
  readonly from: StateName | null
  readonly to: StateName | null
  readonly writes: readonly Write[]
  readonly guards: readonly Guard[]
}

const transition = (
  name: string,
  [from, to]: readonly [StateName | null, StateName | null],
  writes: readonly Write[],
  guards: readonly Guard[] = [],
): Transition => ({ name, from, to, writes, guards })

/** Nothing of a claim is left on an order that waits again. */
const UNCLAIMED = ['no token', 'not claimed', 'no payment', 'no lease', 'no attempts', 'no error', 'no result'] as const

/** Every change that is ever made to an order. */
export const TRANSITIONS = {
  claim: transition(
    'claim',
    ['waiting', 'claimed'],
    ['next version', 'token', 'claimed now', 'payment', 'not due', 'no result', 'set'],
    ['expect'],
  ),
  move: transition('move', ['waiting', 'closed'], ['next version', 'not due', 'set'], ['expect']),
  /** Whoever put it back says whether it is due again: the order may wait for another payment. */
  reset: transition('reset', ['claimed', 'waiting'], ['next version', ...UNCLAIMED, 'not due']),
  /** What had failed has been paid, and is for the worker to try again. */
  resetFailed: transition('reset failed', ['failed', 'waiting'], ['next version', ...UNCLAIMED, 'due now']),

  lease: transition(
    'lease',
    ['waiting', 'processing'],
    ['next version', 'token', 'payment', 'lease', 'due after the lease', 'one more attempt', 'no result', 'set'],
    ['expect'],
  ),
  /** The same by a worker, who takes what is due. */
  take: transition(
    'take',
    ['waiting', 'processing'],
    ['next version', 'token', 'lease', 'due after the lease', 'one more attempt', 'no result'],
    ['due'],
  ),
  /** From a worker that is gone, or too slow. */
  takeOver: transition(
    'take over',
    ['processing', 'processing'],
    ['next version', 'token', 'payment', 'lease', 'due after the lease', 'one more attempt', 'error', 'set'],
    ['expect', 'lease over'],
  ),
  /** The same worker goes on: no passage of the order, so its version stays. */
  renew: transition('renew', ['processing', 'processing'], ['lease', 'due after the lease'], ['own token']),
  complete: transition(
    'complete',
    ['processing', 'claimed'],
    ['next version', 'claimed now', 'no lease', 'not due', 'result', 'set'],
    ['own token'],
  ),
  giveBack: transition(
    'give back',
    ['processing', 'waiting'],
    ['next version', 'no token', 'no payment unless due', 'no lease', 'due now', 'error'],
    ['own token'],
  ),
  fail: transition(
    'fail',
    ['processing', 'failed'],
    ['next version', 'no token', 'no lease', 'not due', 'error'],
    ['own token'],
  ),
  /** By a worker whose attempt has failed. */
  retryLater: transition(
    'retry later',
    ['processing', 'waiting'],
    ['next version', 'no token', 'no lease', 'due later', 'error'],
    ['own token'],
  ),
  /** By a worker that stops, or cannot begin: as if it had not been taken. */
  putBack: transition(
    'put back',
    ['processing', 'waiting'],
    ['next version', 'no token', 'no lease', 'due now', 'one attempt less'],
    ['own token'],
  ),
  /** The same of what it has taken over: its lease is over, as before, and the next worker sees that somebody has left it. */
  leaveAgain: transition(
    'leave again',
    ['processing', 'processing'],
    ['next version', 'no token', 'lease over now', 'due now', 'one attempt less'],
    ['own token'],
  ),

  /** Beside an order that waits: its effect has failed. Where a worker may go on with it, what it needs is written, too. */
  noteFailure: transition(
    'note failure',
    ['waiting', 'waiting'],
    ['one more attempt', 'error', 'payment', 'set', 'due now unless it has a time'],
    ['expect'],
  ),
  /** After the effect, which may have moved the order on. */
  keepResult: transition('keep result', [null, null], ['result'], ['own token']),
} as const satisfies Record<string, Transition>
