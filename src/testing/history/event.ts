import type { Operation } from '../../events.ts'
import type { ReplyAdvice, State } from '../../outcome.ts'

/** When something was recorded, and by whom. */
export interface Stamp {
  /**
   * Milliseconds since 1970, to the microsecond. It never goes back within a process; between processes it is as good as
   * the clock of the machine was when they started.
   */
  readonly at: number
  /** The process that recorded it. */
  readonly process: string
  /** Counts the events of a process from 1: within it this is their order. */
  readonly number: number
  /** Whoever did it: a worker, the gateway, the referee. */
  readonly actor: string
}

/** What happens within one call. */
interface OfCall {
  /** The order, see {@link orderKey}. */
  readonly order: string
  /** The call, unique among the processes. */
  readonly call: string
}

interface OfOrder {
  readonly order: string
  /** The call in which it happened, where it is known. */
  readonly call?: string
}

interface OfLease extends OfOrder {
  /** As the database counts the leases of the order. */
  readonly attempt?: number
  /** Milliseconds for which the lease was taken or renewed. */
  readonly leaseMs?: number
  /** The earliest time at which it may have happened (as `at`). Default: the start of its call, else `at`. */
  readonly since?: number
}

/**
 * What happened. Everything is plain data, so that it survives JSON.
 *
 * The kinds that a checker judges by are those of the gateway (`paid`, `answered`), of calls (`started`, `outcome`,
 * `error`), of leases, of pools, and `final`: what the tables hold when everything is over. The others make a timeline
 * readable.
 */
export type Happening =
  /** The gateway's truth: the customer has paid this order. */
  | { readonly kind: 'paid'; readonly order: string; readonly payment?: string }
  /** A callback reached the handler. */
  | ({ readonly kind: 'callback'; readonly payment?: string } & OfOrder)
  /** The gateway was told. */
  | ({ readonly kind: 'answered'; readonly reply: ReplyAdvice } & OfOrder)
  /** The gateway does not call any more, though nobody told it that the payment was handled. */
  | { readonly kind: 'gave_up'; readonly order: string }
  | ({
      readonly kind: 'started'
      readonly operation: Operation
      readonly strategy?: string
      readonly payment?: string
      /** Which unknown claim it resolves. */
      readonly claim?: string
    } & OfCall)
  | ({
      readonly kind: 'outcome'
      readonly operation: Operation
      readonly outcome: string
      readonly reply?: ReplyAdvice
      /** The claim had been committed before; this answer is not a second one. */
      readonly recovered?: boolean
      /** Won only if the caller commits: it counts as possible. */
      readonly provisional?: boolean
      readonly payment?: string
      /** Which unknown claim was resolved. */
      readonly claim?: string
      /** The start of the call (as `at`), where no `started` was recorded. */
      readonly since?: number
    } & OfCall)
  | ({
      readonly kind: 'error'
      readonly operation: Operation
      /** `CLAIM_…`, or the code of another error. */
      readonly code?: string
      readonly message: string
      readonly reply?: ReplyAdvice
      /** Which claim was left unknown. */
      readonly claim?: string
      readonly since?: number
    } & OfCall)
  /** Other code has put the order back to waiting, at some time before this; not before `since` (as `at`), if it is given. */
  | { readonly kind: 'put_back'; readonly order: string; readonly since?: number }
  /** The effect was called. It may be undone. */
  | ({ readonly kind: 'effect_ran'; readonly attempt: number } & OfOrder)
  /** One entry that effects have left in the tables. */
  | ({ readonly kind: 'effect_committed' } & OfOrder)
  | ({ readonly kind: 'lease_taken' } & OfLease)
  | ({ readonly kind: 'lease_renewed' } & OfLease)
  | ({ readonly kind: 'lease_completed' } & OfLease)
  | ({ readonly kind: 'lease_given_back' } & OfLease)
  | ({ readonly kind: 'lease_lost' } & OfLease)
  /** A pool has given an item to an order, or to whoever owns it. */
  | ({
      readonly kind: 'item_given'
      readonly pool: string
      readonly item: string
      /** What the item was drawn for, where an owner may draw more than once. Default: one draw for each owner. */
      readonly draw?: string
    } & OfOrder)
  /** A fault was injected. */
  | { readonly kind: 'fault'; readonly what: string; readonly order?: string; readonly call?: string }
  /** What the tables hold of an order when nothing runs any more. */
  | {
      readonly kind: 'final'
      readonly order: string
      readonly status: State | null
      /** It is claimed, or has moved on since. */
      readonly claimed: boolean
      /** How many times the effect is there: entries in the ledger. Left out, effects are not judged. */
      readonly effects?: number
    }
  /** Anything else that explains what happened. */
  | { readonly kind: 'note'; readonly what: string; readonly order?: string; readonly call?: string }

/** One event of a history. */
export type HistoryEvent = Happening & Stamp

/** One of the kinds. */
export type EventOf<Kind extends Happening['kind']> = HistoryEvent & { readonly kind: Kind }

/** The order of a call that resolves a claim, until it is found by the claim. */
export const UNKNOWN_ORDER = '?'

export const ofKind = <Kind extends Happening['kind']>(events: readonly HistoryEvent[], kind: Kind): EventOf<Kind>[] =>
  events.filter((event): event is EventOf<Kind> => event.kind === kind)

/**
 * The text by which a history knows an order: `7`, `'7'` and `7n` are one order, bytes are written in hex, and a
 * composite id as `merchant_id=7 order_no=A-1`.
 */
export function orderKey(orderId: unknown): string {
  if (orderId instanceof Uint8Array) return `0x${Buffer.from(orderId).toString('hex')}`
  if (typeof orderId === 'object' && orderId !== null) {
    return Object.entries(orderId)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${orderKey(value)}`)
      .join(' ')
  }
  return String(orderId)
}
