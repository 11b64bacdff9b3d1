/** How orders are worked off. */
export interface Size {
  readonly workers: number
  /** Orders that are taken at once. */
  readonly batch: number
  /** One effect for all orders of a batch, and not one for each. */
  readonly together: boolean
  readonly effect: EffectName
}

/** The account is recharged, and it is entered into the ledger; or that alone, which needs nothing of the order but its id. */
export type EffectName = 'recharge' | 'entry alone'

/** The package; the very statements that it sends, by hand; the shortest that do, by hand. */
export type WayName = 'drain' | 'by hand' | 'the shortest'

/** One way to do it. */
export interface Way {
  /** Works orders off until it is told to stop, and gives how many are done. */
  readonly run: (stop: AbortSignal) => Promise<number>
}
