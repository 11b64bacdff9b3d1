import type { Kind } from './call.ts'
import type { StrategyName } from './config.ts'
import type { ClaimResult, MoveResult, ResetResult, State } from './outcome.ts'
import { conditional } from './strategies/conditional.ts'
import { moveTo } from './strategies/move.ts'
import { optimistic } from './strategies/optimistic.ts'
import { pessimistic } from './strategies/pessimistic.ts'
import { reset } from './strategies/reset.ts'
import type { Strategy } from './strategies/strategy.ts'
import { NAMES } from './names.ts'
import { TRANSITIONS } from './transitions.ts'

export type Strategies = Readonly<Record<StrategyName, Strategy>>

export const STRATEGY = { optimistic, conditional, pessimistic } as const satisfies Strategies

/**
 * A claim.
 *
 * @param pending in the caller's own transaction: gives what resolves it later; else `null`
 */
export function claimKind(
  strategy: StrategyName,
  strategies: Strategies,
  token: string | null,
  pending: (() => string) | null,
): Kind<ClaimResult<unknown>> {
  const provisional = pending !== null
  const secrets = (): { token?: string; pending?: string } =>
    pending !== null && token !== null ? { token, pending: pending() } : {}
  const claimed = { outcome: 'claimed', reply: 'handled' } as const
  return {
    decide: strategies[strategy],
    // Whatever the strategy: the guarded UPDATE comes first, so that nothing can come between a look and the claim.
    decideAgain: strategies.conditional,
    transition: TRANSITIONS.claim,
    won: (value) => ({ ...claimed, value, recovered: false, provisional, ...secrets() }),
    // What is recovered has been committed, in whoever's transaction it is found out.
    recovered: (value) => ({ ...claimed, value, recovered: true, provisional: false }),
    busy: { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional },
    unknownId: { outcome: 'not_found', reply: 'call_again', provisional },
    token,
    onlyReads: false,
  }
}

/** A claimed order is put back. */
export const resetKind: Kind<ResetResult> = {
  decide: reset,
  decideAgain: reset,
  transition: TRANSITIONS.reset,
  won: () => ({ outcome: 'reset' }),
  recovered: null,
  busy: { outcome: 'busy' },
  unknownId: { outcome: 'not_found' },
  token: null,
  onlyReads: false,
}

/** A waiting order is moved to a state in which nobody claims it. */
export function moveKind(to: State, provisional: boolean): Kind<MoveResult<unknown>> {
  const decide = moveTo(to)
  return {
    decide,
    decideAgain: decide,
    transition: TRANSITIONS.move,
    won: (value) => ({ outcome: 'moved', value, provisional }),
    recovered: null,
    busy: { outcome: 'busy' },
    unknownId: { outcome: 'not_found' },
    token: null,
    ownValues: ({ closed }) => [[NAMES.state('closed'), closed.get(to) ?? null]],
    onlyReads: false,
  }
}
