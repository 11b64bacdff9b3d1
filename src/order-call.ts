import type { Session } from './adapters/adapter.ts'
import type { Call } from './call.ts'
import { ClaimUnit } from './claim-unit.ts'
import { asksOwn } from './statements.ts'

/** What all calls on an order have in common. */
export const ORDER_CALL = {
  newUnit<Result>(this: Call<Result>, session: Session<unknown>, lockTimeoutMs: number | null): ClaimUnit<Result> {
    return new ClaimUnit(this, session, lockTimeoutMs)
  },
  /** With a token in the row, the question is whose it is. */
  inDoubt<Result>(this: Call<Result>): Call<Result> | null {
    return this.recovered === null || this.token === null || this.table.token === null ? null : asResolving(this)
  },
} as const

/** The call with the question added whether the order has its own token, where it has one. */
export const asResolving = <Result>(call: Call<Result>): Call<Result> => ({
  ...call,
  decide: call.decideAgain,
  resolving: true,
  shape: call.table.token === null || call.token === null ? call.shape : asksOwn(call.shape),
})
