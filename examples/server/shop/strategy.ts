import type { StrategyName } from 'claim-once'

/** What this shop can decide a claim by: the package's three strategies, and the handler that does it wrong. */
export type ShopStrategy = 'naive' | StrategyName

export const SHOP_STRATEGIES = [
  'naive',
  'optimistic',
  'conditional',
  'pessimistic',
] as const satisfies readonly ShopStrategy[]

/** Without a name: `conditional`. `undefined` for a name that is none. */
export const readStrategy = (name: string | null = null): ShopStrategy | undefined =>
  name === null ? 'conditional' : SHOP_STRATEGIES.find((strategy) => strategy === name)
