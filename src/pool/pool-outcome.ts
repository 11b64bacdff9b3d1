/** The owner has been given his items; with the effect, where there is one, that is committed. */
export interface Drawn<Item, Value> {
  readonly outcome: 'claimed'
  readonly reply: 'handled'
  /** In the order of their slots. */
  readonly items: readonly Item[]
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
  readonly provisional: boolean
}

/** The owner has items already, and asks for another number of them, or for others (`where`). */
export interface DrawMismatch<Item> {
  readonly outcome: 'mismatch'
  readonly reply: 'review'
  /** What he has. */
  readonly items: readonly Item[]
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
}

/** What became of {@link ItemPool.release}. */
export type ReleaseResult =
  /** So many items are free again. */
  | { readonly outcome: 'released'; readonly items: number }
  /** The owner had none; nothing was written. */
  | { readonly outcome: 'nothing_held' }
  | { readonly outcome: 'busy' }
