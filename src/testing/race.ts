import { isClaimError } from '../errors.ts'

/** What the calls of {@link race} came to. */
export interface Race<Value> {
  /** How each call ended, by its index. */
  readonly settled: readonly PromiseSettledResult<Value>[]
  /** What was returned, by those that returned. */
  readonly results: readonly Value[]
  /** What was thrown, by those that threw. */
  readonly errors: readonly unknown[]
  /**
   * How often each end came, by its name: the `outcome` of a result (`returned` where it has none), the `code` of an
   * error (else its `name`).
   *
   * @example { claimed: 1, duplicate: 19 }
   */
  readonly counts: Readonly<Record<string, number>>
}

/**
 * Makes the same call many times at once. All stand at a barrier before the first one starts; then they start in the
 * same turn of the event loop. It does not throw: what a call throws is in the result.
 *
 * The first claim of a program describes its table, and a pool opens its connections one by one: make a claim or two
 * before a race that is to be close.
 *
 * @param n how many calls, 1 or more
 * @param call is given its index, from 0
 * @throws {RangeError} where `n` is no whole number of at least 1
 *
 * @example
 * const { counts } = await race(20, () => handler(callbackOf(order)))
 * expect(counts).toEqual({ claimed: 1, duplicate: 19 })
 */
export async function race<Value>(
  n: number,
  call: (index: number) => Value | PromiseLike<Value>,
): Promise<Race<Awaited<Value>>> {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`n is ${n}. It is a whole number, 1 or more.`)
  const barrier = Promise.withResolvers<undefined>()
  const calls = Array.from({ length: n }, async (_none, index) => {
    await barrier.promise
    return await call(index)
  })
  barrier.resolve(undefined)
  const settled = await Promise.allSettled(calls)
  const counts: Record<string, number> = {}
  for (const end of settled) counts[nameOf(end)] = (counts[nameOf(end)] ?? 0) + 1
  return {
    settled,
    results: settled.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])),
    errors: settled.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : [])),
    counts,
  }
}

function nameOf(end: PromiseSettledResult<unknown>): string {
  if (end.status === 'fulfilled') return textIn(end.value, 'outcome') ?? 'returned'
  const error: unknown = end.reason
  return isClaimError(error) ? error.code : (textIn(error, 'code') ?? textIn(error, 'name') ?? 'thrown')
}

function textIn(value: unknown, property: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, property) : undefined
  return typeof found === 'string' ? found : undefined
}
