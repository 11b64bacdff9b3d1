import type { WorkContext } from '../../../src/options.ts'

/** Work that has begun when `context` tells, and ends when it is told to. */
export function heldWork(): {
  work: (order: unknown, context: WorkContext) => Promise<unknown>
  context: Promise<WorkContext>
  end: (value: unknown) => void
  fail: (error: unknown) => void
} {
  const started = Promise.withResolvers<WorkContext>()
  const ended = Promise.withResolvers<unknown>()
  ended.promise.catch(() => {})
  return {
    work: (_order, context) => {
      started.resolve(context)
      return ended.promise
    },
    context: started.promise,
    end: ended.resolve,
    fail: ended.reject,
  }
}

/** Its promise is looked at later. */
export const later = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  return promise
}
