/** How orders are worked off. */
export interface Size {
  readonly workers: number
  /** Orders that are taken at once. */
  readonly batch: number
  /** One effect for all orders of a batch, and not one for each. */
  readonly together: boolean
}

/** One way to do it. */
export interface Way {
  readonly name: string
  /** Works orders off until it is told to stop, and gives how many are done. */
  readonly run: (stop: AbortSignal) => Promise<number>
}
