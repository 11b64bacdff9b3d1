import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `condition` gives something true, asking again and again; throws after `limitMs`. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 10_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + limitMs
  for (;;) {
    const found = await condition()
    if (found !== null && found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain until ${what}.`)
    await pause(10)
  }
}

/** What `promise` is rejected with. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`Nothing was thrown; the value is ${JSON.stringify(value)}.`)
}

/** The number a server gave to its error; `undefined` for any other error. */
export const errnoOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'errno' in error ? error.errno : undefined
