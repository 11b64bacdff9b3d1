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
  | 'lease'
  | 'no lease'
  | 'one more attempt'
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
    ['next version', 'token', 'claimed now', 'payment', 'no result', 'set'],
    ['expect'],
  ),
  move: transition('move', ['waiting', 'closed'], ['next version', 'set'], ['expect']),
  reset: transition('reset', ['claimed', 'waiting'], ['next version', ...UNCLAIMED]),
  resetFailed: transition('reset failed', ['failed', 'waiting'], ['next version', ...UNCLAIMED]),

  lease: transition(
    'lease',
    ['waiting', 'processing'],
    ['next version', 'token', 'payment', 'lease', 'one more attempt', 'no result', 'set'],
    ['expect'],
  ),
  /** From a worker that is gone, or too slow. */
  takeOver: transition(
    'take over',
    ['processing', 'processing'],
    ['next version', 'token', 'payment', 'lease', 'one more attempt', 'error', 'set'],
    ['expect', 'lease over'],
  ),
  /** The same worker goes on: no passage of the order, so its version stays. */
  renew: transition('renew', ['processing', 'processing'], ['lease'], ['own token']),
  complete: transition(
    'complete',
    ['processing', 'claimed'],
    ['next version', 'claimed now', 'no lease', 'result'],
    ['own token'],
  ),
  giveBack: transition(
    'give back',
    ['processing', 'waiting'],
    ['next version', 'no token', 'no payment', 'no lease', 'error'],
    ['own token'],
  ),
  fail: transition('fail', ['processing', 'failed'], ['next version', 'no token', 'no lease', 'error'], ['own token']),

  /** Beside an order that waits: its effect has failed. */
  noteFailure: transition('note failure', ['waiting', 'waiting'], ['one more attempt', 'error']),
  /** After the effect, which may have moved the order on. */
  keepResult: transition('keep result', [null, null], ['result'], ['own token']),
} as const satisfies Record<string, Transition>
