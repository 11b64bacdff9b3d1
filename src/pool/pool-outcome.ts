/** Items that are the owner's until they are confirmed, or until their time is over by the database's clock. */
export interface Reservation {
  /** Milliseconds from when the database was asked. */
  readonly expiresInMs: number
}

/** The owner has been given his items; with the effect, where there is one, that is committed. */
export interface Drawn<Item, Value> {
  readonly outcome: 'claimed'
  readonly reply: 'handled'
  /** In the order of their slots. */
  readonly items: readonly Item[]
  /** `null`: they are his for good. */
  readonly reservation: Reservation | null
  /** What the effect returned; `undefined` without one, and where this call found out later that it had won. */
  readonly value: Value | undefined
  /** `true` when the answer was lost, and the items were recognised by their token. */
  readonly recovered: boolean
  /** `true` in the caller's own transaction: nothing is given before the caller commits it. */
  readonly provisional: boolean
}

/** The owner has his items already: these. */
export interface DrawnBefore<Item> {
  readonly outcome: 'duplicate'
  readonly reply: 'handled'
  readonly items: readonly Item[]
  /** `null`: they are his for good. */
  readonly reservation: Reservation | null
  readonly provisional: boolean
}

/** The owner has items already, and asks for another number of them, or for others (`where`). */
export interface DrawMismatch<Item> {
  readonly outcome: 'mismatch'
  readonly reply: 'review'
  /** What he has. */
  readonly items: readonly Item[]
  /** `null`: they are his for good. */
  readonly reservation: Reservation | null
  readonly provisional: boolean
}

/** There are not so many free items left. */
export interface Exhausted {
  readonly outcome: 'exhausted'
  readonly reply: 'review'
  readonly provisional: boolean
}

/** There are free items, but others were about to take each of them until the time was over. */
export interface Contended {
  readonly outcome: 'contended'
  readonly reply: 'call_again'
  readonly provisional: boolean
}

/** The ordinary answers of {@link ItemPool.claimNext}. Only faults are thrown. */
export type DrawResult<Item, Value = undefined> =
  Drawn<Item, Value> | DrawnBefore<Item> | DrawMismatch<Item> | Exhausted | Contended

/** How many items there are. */
export interface PoolCounts {
  readonly free: number
  readonly taken: number
  /** Also those whose time is over, until they are freed. */
  readonly reserved: number
}

/** What became of {@link ItemPool.confirm}. */
export type ConfirmResult<Item, Value = undefined> =
  /** The owner's items are his for good; with the effect, where there is one, that is committed. */
  | {
      readonly outcome: 'confirmed'
      readonly reply: 'handled'
      readonly items: readonly Item[]
      /** What the effect returned; `undefined` without one, and where this call found out later that it had confirmed. */
      readonly value: Value | undefined
      /** `true` when the answer was lost, and the items were recognised by their token. */
      readonly recovered: boolean
      readonly provisional: boolean
    }
  /** They were his for good already: these. */
  | {
      readonly outcome: 'duplicate'
      readonly reply: 'handled'
      readonly items: readonly Item[]
      readonly provisional: boolean
    }
  /** The time of the reservation is over. He may draw again. */
  | { readonly outcome: 'expired'; readonly reply: 'review'; readonly provisional: boolean }
  /** The owner has nothing: he has not drawn, or what he had reserved was freed. */
  | { readonly outcome: 'nothing_held'; readonly reply: 'review'; readonly provisional: boolean }
  | { readonly outcome: 'busy'; readonly reply: 'call_again'; readonly provisional: boolean }

/** What became of {@link ItemPool.release}. */
export type ReleaseResult =
  /** So many items are free again. */
  | { readonly outcome: 'released'; readonly items: number }
  /** The owner had none; nothing was written. */
  | { readonly outcome: 'nothing_held' }
  | { readonly outcome: 'busy' }
