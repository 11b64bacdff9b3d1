import type { ClaimEvent, ClaimResult, StrategyName } from '../../../src/index.ts'
import type { Caller, SessionFacts } from '../contest.ts'

/** The connections of one process, and all that can be called on them. */
export interface OpenSide {
  call(caller: Caller, orderId: number, withEffect: boolean): Promise<string>
  /** Of every connection of the pool; of none where there is no session to speak of. */
  sessionFacts(): Promise<SessionFacts[]>
  /** Why claims were tried again since the last time this was asked. */
  takeRetries(): string[]
  close(): Promise<void>
}

export type Claim = (orderId: number, strategy: StrategyName, withEffect: boolean) => Promise<ClaimResult<unknown>>

/** Collects why claims were tried again. */
export class Retries {
  #reasons: string[] = []

  readonly onEvent = (event: ClaimEvent): void => {
    if (event.type !== 'retry') return
    const { errno, number, code } = (event.error ?? {}) as Readonly<{ errno?: number; number?: number; code?: string }>
    this.#reasons.push(`${event.reason} ${errno ?? number ?? code ?? ''}`.trim())
  }

  readonly take = (): string[] => {
    const taken = this.#reasons
    this.#reasons = []
    return taken
  }
}
