import type { Confirmation } from './confirm-unit.ts'
import type { DrawAnswer } from './draw-call.ts'
import type { ConfirmResult, DrawResult, Reservation } from './pool-outcome.ts'

/** What the caller of `claimNext` is told. */
export function drawResult(answer: DrawAnswer | undefined, provisional: boolean): DrawResult<unknown, unknown> {
  switch (answer?.is) {
    case 'given': {
      const { items, value, recovered } = answer
      const reservation = reservationOf(answer.expiresInMs)
      return { outcome: 'claimed', reply: 'handled', items, reservation, value, recovered, provisional }
    }
    case 'held': {
      const { items, asAsked } = answer
      const reservation = reservationOf(answer.expiresInMs)
      return asAsked
        ? { outcome: 'duplicate', reply: 'handled', items, reservation, provisional }
        : { outcome: 'mismatch', reply: 'review', items, reservation, provisional }
    }
    case 'exhausted':
      return { outcome: 'exhausted', reply: 'review', provisional }
    case 'contended':
    case 'missed':
    case undefined:
      return { outcome: 'contended', reply: 'call_again', provisional }
  }
}

/** What the caller of `confirm` is told. */
export function confirmResult(answer: Confirmation, provisional: boolean): ConfirmResult<unknown, unknown> {
  switch (answer.is) {
    case 'confirmed': {
      const { items, value, recovered } = answer
      return { outcome: 'confirmed', reply: 'handled', items, value, recovered, provisional }
    }
    case 'taken':
      return { outcome: 'duplicate', reply: 'handled', items: answer.items, provisional }
    case 'expired':
      return { outcome: 'expired', reply: 'review', provisional }
    case 'nothing':
      return { outcome: 'nothing_held', reply: 'review', provisional }
    case 'busy':
      return { outcome: 'busy', reply: 'call_again', provisional }
  }
}

const reservationOf = (expiresInMs: number | null): Reservation | null =>
  expiresInMs === null ? null : { expiresInMs }
