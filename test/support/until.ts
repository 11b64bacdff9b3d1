import { setTimeout as pause } from 'node:timers/promises'

/** Waits for a condition, and fails with what it was when it does not come true in time. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  limitMs = 10_000,
): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`)
    await pause(5)
  }
}
