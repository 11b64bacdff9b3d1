import type { Row } from '../adapters/adapter.ts'
import type { Kind } from '../call.ts'
import type { LeaseResult } from '../outcome.ts'
import type { SqlValue } from '../sql.ts'
import { NAMES } from '../names.ts'
import { errorText } from '../note-failure.ts'
import { byHolder, byHolderAgain, byHolderAlone, lease } from '../strategies/lease.ts'
import type { Held } from '../strategies/lease.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { Transition } from '../transitions.ts'

/** The order is leased to this call. */
export interface Taken {
  readonly outcome: 'taken'
  /** The columns that were asked for, and the number of the attempt. */
  readonly row: Row
  /** Somebody had it before, and let his lease run out. */
  readonly wasLeased: boolean
}

/** What taking a lease came to. */
export type TakeResult = Taken | Exclude<LeaseResult<unknown>, { readonly outcome: 'claimed' }>

/** Beside an order that is taken over: its last worker has left no word. */
export const RAN_OUT = 'The lease before ran out, and nobody had ended it.'

/** Takes the lease. */
export function takeKind(token: string, leaseMs: number, takesOver: boolean): Kind<TakeResult> {
  const found = { wasLeased: false }
  const decide = lease(takesOver, found) as Kind<TakeResult>['decide']
  const taken = (row: unknown): Taken => ({ outcome: 'taken', row: row as Row, ...found })
  return {
    decide,
    decideAgain: decide,
    transition: TRANSITIONS.lease,
    won: taken,
    recovered: taken,
    busy: { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false },
    unknownId: { outcome: 'not_found', reply: 'call_again', provisional: false },
    token,
    ownValues: (table) => [
      [NAMES.leaseMs, String(leaseMs)],
      [NAMES.error, errorText(RAN_OUT, table)],
    ],
    onlyReads: true,
  }
}

/** A change that only the holder makes. `values` are bound beside; `tells`: it can be found out what became of it. */
export function holderKind(
  transition: Transition,
  token: string,
  values: readonly (readonly [string, SqlValue])[],
  tells: boolean,
): Kind<Held> {
  return {
    decide: tells ? byHolder : byHolderAlone,
    decideAgain: tells ? byHolderAgain : byHolderAlone,
    transition,
    won: (value) => ({ outcome: 'done', value, recovered: false }),
    recovered: tells ? (value) => ({ outcome: 'done', value, recovered: true }) : null,
    busy: { outcome: 'busy' },
    unknownId: { outcome: 'lost' },
    token,
    ownValues: () => values,
    onlyReads: false,
    asksOwn: true,
  }
}
