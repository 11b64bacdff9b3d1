import { afterEach, beforeEach, expect } from 'vitest'

/** Every test of the file fails when a promise was rejected that nobody waited for. */
export function expectNoUnhandledRejection(): void {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
  })
  afterEach(async () => {
    // They are told after the microtasks of the turn in which they happened.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
}
