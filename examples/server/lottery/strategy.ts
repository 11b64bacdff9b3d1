import type { PickStrategy } from 'claim-once'

export const DRAW_STRATEGIES = ['skip_locked', 'conditional', 'queue'] as const satisfies readonly PickStrategy[]

export const NEEDS_REDIS =
  'The strategy "queue" has its candidates from Redis, and this shop was started without one: set REDIS_URL, such as REDIS_URL=redis://127.0.0.1:6379.'

/** Without a name: `skip_locked`. A text for the person where it is none, or none that this shop can do. */
export function readDrawStrategy(
  name: string | null,
  hasQueue: boolean,
): { readonly strategy: PickStrategy } | { readonly refusal: string } {
  const strategy = DRAW_STRATEGIES.find((known) => known === (name ?? 'skip_locked'))
  if (strategy === undefined) return { refusal: `strategy is one of: ${DRAW_STRATEGIES.join(', ')}.` }
  if (strategy === 'queue' && !hasQueue) return { refusal: NEEDS_REDIS }
  return { strategy }
}
