import { setImmediate as nextRound } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { holding, refuseNested } from '../../src/nested.ts'

const isRefused = (pool: object): boolean => {
  try {
    refuseNested(pool)
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'CLAIM_EFFECT_MISUSE', reply: 'review' })
    return true
  }
}

describe('a claim inside an effect', () => {
  test('is refused on the pool of the effect, until that is over', async () => {
    const pool = {}
    const seen: boolean[] = []
    const later = Promise.withResolvers<boolean>()
    const effect = async (): Promise<string> => {
      seen.push(isRefused(pool), isRefused({}))
      await nextRound()
      seen.push(isRefused(pool))
      setTimeout(() => later.resolve(isRefused(pool)), 5)
      return 'done'
    }
    expect(isRefused(pool)).toBe(false)
    expect(await holding(pool, effect)).toBe('done')
    expect(seen).toEqual([true, false, true])
    expect(await later.promise).toBe(false)
    expect(isRefused(pool)).toBe(false)
  })

  test('is refused as long as a thenable that is no Promise is not settled', async () => {
    const pool = {}
    const refused = Promise.withResolvers<boolean>()
    const thenable = {
      // A query builder is one of these: it is sent when it is awaited.
      then(resolve: (value: string) => void) {
        setTimeout(() => {
          refused.resolve(isRefused(pool))
          resolve('done')
        }, 5)
      },
    }
    expect(await holding(pool, () => thenable)).toBe('done')
    expect(await refused.promise).toBe(true)
  })

  test('is not refused after an effect that failed, whether at once or later', async () => {
    const pool = {}
    const failure = new Error('no')
    const inside: (() => boolean)[] = []
    const look = (): void => void inside.push(() => isRefused(pool))
    expect(() =>
      holding(pool, () => {
        look()
        throw failure
      }),
    ).toThrow(failure)
    const failing = holding(pool, async () => {
      look()
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
    expect(inside.map((asked) => asked())).toEqual([false, false])
  })

  test('what an effect gives at once is given as it is', () => {
    const value = { then: 'not a function' }
    expect(holding({}, () => value)).toBe(value)
  })

  test('the message says what to do, also for a claim that the effect does not wait for', () => {
    const pool = {}
    holding(pool, () => {
      expect(() => refuseNested(pool)).toThrow(/transaction: tx.*also one that the effect does not wait for/s)
    })
  })

  test('effects that each start the next one are not all kept', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const pools: WeakRef<object>[] = []
    const alive = await new Promise<number>((resolve, reject) => {
      // Counted in the last one, to which the one before is known.
      const count = async (): Promise<number> => {
        await nextRound()
        collect()
        return pools.filter((pool) => pool.deref() !== undefined).length
      }
      const start = (left: number): void => {
        const pool = {}
        pools.push(new WeakRef(pool))
        holding(pool, () => {
          setImmediate(() => {
            if (left === 0) count().then(resolve, reject)
            else start(left - 1)
          })
        })
      }
      start(20)
    })
    expect(alive).toBeLessThan(5)
  })
})
