/** What of a draw changes the text of its statements. */
export interface PoolShape {
  readonly where: readonly string[]
  readonly read: readonly string[]
  /** The same as one text, by which statements are kept. */
  readonly key: string
}

export const poolShape = (where: readonly string[], read: readonly string[]): PoolShape => ({
  where,
  read,
  key: JSON.stringify([where, read]),
})

/** The parameters' names. */
export const POOL_NAMES = {
  free: 'free',
  taken: 'taken',
  reserved: 'reserved',
  scope: 'scope',
  token: 'token',
  reserveMs: 'reserve ms',
  after: 'after',
  owner: (index: number): string => `owner ${index}`,
  item: (index: number): string => `item ${index}`,
  where: (column: string): string => `where ${column}`,
} as const

/** What a read calls its columns. */
export const POOL_FIELDS = {
  id: 'pool_id',
  owner: 'pool_owner',
  slot: 'pool_slot',
  ownToken: 'pool_own_token',
  matches: 'pool_matches',
  found: 'pool_found',
  isReserved: 'pool_is_reserved',
  remainingMs: 'pool_remaining_ms',
} as const

/** Which owner gets the item of the same place in the list, and as which of his. */
export interface Assignment {
  /** The owner's place among those who ask. */
  readonly owner: number
  readonly slot: number
}
