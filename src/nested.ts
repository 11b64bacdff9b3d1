import { AsyncLocalStorage } from 'node:async_hooks'
import { ClaimError } from './errors.ts'

/** An effect holds a connection of a pool; inside of it, a claim that asks the same pool for another one may wait for ever. */
interface Holding {
  readonly pool: object
  over: boolean
  readonly outer: Holding | undefined
}

const holdings = new AsyncLocalStorage<Holding>()

/** Runs an effect. What it starts knows, until it is over, that it holds a connection of that pool. */
export function holding(pool: object, effect: () => unknown): unknown {
  const outer = holdings.getStore()
  const held: Holding = { pool, over: false, outer: outer?.over === true ? outer.outer : outer }
  const end = (): void => {
    held.over = true
  }
  let value: unknown
  try {
    value = holdings.run(held, () => {
      const given = effect()
      // Inside: a thenable begins its work when it is asked to.
      return isThenable(given) ? Promise.resolve(given) : given
    })
  } catch (error) {
    end()
    throw error
  }
  if (value instanceof Promise) return value.finally(end)
  end()
  return value
}

/**
 * A claim inside an effect, on the same pool and not in the effect's transaction. With one connection it would wait for
 * its own effect; with ten, ten such effects at once wait for each other.
 */
export function refuseNested(pool: object): void {
  for (let held = holdings.getStore(); held !== undefined; held = held.outer) {
    if (held.pool !== pool || held.over) continue
    throw new ClaimError(
      'CLAIM_EFFECT_MISUSE',
      'A claim was started inside an effect, and needs a second connection of the pool that the effect holds one of: ' +
        "under load such claims wait for each other without end. Nothing was sent for it. Pass the effect's handle " +
        '(transaction: tx), or start the claim after the effect, also one that the effect does not wait for.',
    )
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
