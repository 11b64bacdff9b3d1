import type { Renewal } from './renewal.ts'

interface WorkRun {
  readonly work: () => unknown
  readonly renewal: Renewal
  /** The signal of the caller, which is passed on. */
  readonly callers: AbortSignal | undefined
  readonly timeoutMs: number
  /** The error of work that takes longer. */
  readonly timedOut: () => Error
}

/**
 * Runs the work of a lease. It is not waited for when the order is somebody else's for sure, or when it takes longer than
 * it may: then its lease is not renewed any more, and its signal has fired.
 */
export async function runWork({ work, renewal, callers, timeoutMs, timedOut }: WorkRun): Promise<unknown> {
  const giveUp = (): void => renewal.abort(callers?.reason)
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    if (timeoutMs === Infinity) return
    timer = setTimeout(() => {
      renewal.stop()
      const error = timedOut()
      renewal.abort(error)
      reject(error)
    }, timeoutMs)
  })
  tooLong.catch(() => {})
  if (callers?.aborted === true) giveUp()
  else callers?.addEventListener('abort', giveUp, { once: true })
  try {
    const working = Promise.resolve(work())
    working.catch(() => {})
    return await Promise.race([working, renewal.lost, tooLong])
  } finally {
    clearTimeout(timer)
    callers?.removeEventListener('abort', giveUp)
  }
}
