import type { WorkContext } from '../../src/options.ts'

/** Work of a lease that lasts until it is told to end. */
export interface HeldWork {
  readonly work: (order: unknown, context: WorkContext) => Promise<unknown>
  /** What the work is told, once it has begun. */
  readonly context: Promise<WorkContext>
  readonly end: (value: unknown) => void
  readonly fail: (error: unknown) => void
}

export function heldWork(): HeldWork {
  const started = Promise.withResolvers<WorkContext>()
  const ended = Promise.withResolvers<unknown>()
  // It may end when nobody waits for it any more.
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
