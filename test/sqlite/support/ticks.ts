/** How the event loop turned while something ran. */
export interface Ticks<T> {
  readonly result: T
  readonly ticks: number
  readonly longestPauseMs: number
}

/** Runs something while a timer ticks every 10 ms, and acts once after a number of ticks, if wanted. */
export async function ticksWhile<T>(
  run: () => Promise<T>,
  then?: { readonly afterTicks: number; readonly act: () => Promise<unknown> },
): Promise<Ticks<T>> {
  let ticks = 0
  let longestPauseMs = 0
  let last = performance.now()
  let acted: Promise<unknown> | undefined
  const look = (): void => {
    longestPauseMs = Math.max(longestPauseMs, performance.now() - last)
    last = performance.now()
  }
  const timer = setInterval(() => {
    ticks += 1
    look()
    if (ticks === then?.afterTicks) {
      acted = then.act()
      acted.catch(() => {})
    }
  }, 10)
  try {
    const result = await run()
    look()
    await acted
    return { result, ticks, longestPauseMs }
  } finally {
    clearInterval(timer)
  }
}
