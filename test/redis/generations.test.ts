import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { redisUrl } from '../support/redis/redis-url.ts'
import { CLIENTS } from './support/clients.ts'
import { QueueSetting } from './support/queue-setting.ts'

const GENERATIONS = 40
const PAGES = 4
const PAGE_SIZE = 300
const POPPERS = 8

interface Pop {
  readonly ids: readonly string[]
  /** Of how many generations the last page had been asked for when the pop was answered. */
  readonly read: number
}

/** Each id says which replacement of the list it came by, and where it stood in it. */
async function* generation(number: number, atItsEnd: () => void): AsyncGenerator<readonly string[]> {
  for (let page = 0; page < PAGES; page++) {
    await turn()
    yield Array.from({ length: PAGE_SIZE }, (_, index) => `${number}:${page * PAGE_SIZE + index}`)
  }
  atItsEnd()
}

const placesOf = ({ ids }: Pop) => ids.map((id) => id.split(':').map(Number)) as [generation: number, place: number][]

describe.each(CLIENTS)('by $name', (kind) => {
  test('who takes candidates while the list is replaced again and again never sees a part of one', async () => {
    const setting = await QueueSetting.open(kind, redisUrl())
    onTestFinished(() => setting.close())
    let read = 0
    let replaced = false
    const pops: Pop[] = []
    const popUntilReplaced = async (): Promise<void> => {
      while (!replaced) pops.push({ ids: await setting.queue.pop('cards', 5), read })
    }
    const replaceManyTimes = async (): Promise<void> => {
      for (let number = 1; number <= GENERATIONS; number++) {
        expect(
          await setting.queue.replace(
            'cards',
            generation(number, () => (read = number)),
          ),
        ).toBe(PAGES * PAGE_SIZE)
      }
      replaced = true
    }
    await Promise.all([replaceManyTimes(), ...Array.from({ length: POPPERS }, popUntilReplaced)])

    const taken = pops.filter(({ ids }) => ids.length > 0)
    for (const pop of taken) {
      const places = placesOf(pop)
      const [first] = places
      expect(places).toEqual(places.map((_, index) => [first![0], first![1] + index]))
      // Not before its last page was read.
      expect(first![0]).toBeLessThanOrEqual(pop.read)
    }
    expect(new Set(taken.flatMap(({ ids }) => ids)).size).toBe(taken.flatMap(({ ids }) => ids).length)
    // The list was being taken from all the time.
    expect(new Set(taken.map((pop) => placesOf(pop)[0]![0])).size).toBeGreaterThan(GENERATIONS / 2)
  })
})
