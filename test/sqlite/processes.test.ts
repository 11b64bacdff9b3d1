import { afterEach, describe, expect, test } from 'vitest'
import { race } from './support/claimer.ts'
import type { DriverName } from './support/driver.ts'
import { BOOKED_ONCE, createShopFile } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { WAYS } from './support/ways.ts'

const ORDERS_IN_RACE = 20

const names = WAYS.map((way) => way.name)
/** The ways of the three processes. Drivers may be mixed, as long as each process has one of them on the file. */
const casts: [title: string, ways: readonly string[]][] = [
  ...names.map((name): [string, string[]] => [name, [name, name, name]]),
  ['a handle, connections of its own, and kysely', [names[0]!, names[3]!, names[4]!]],
  ['both drivers on handles, and connections of its own', [names[0]!, names[2]!, names[1]!]],
]

describe.each(['wal', 'delete'] as const)('three processes on one file, journal_mode %s', (journal) => {
  let shop: ShopFile | undefined
  afterEach(() => shop?.close())

  test.each(casts)('claim every order once: %s', async (_title, ways) => {
    const witness: DriverName = 'better-sqlite3'
    shop = createShopFile(witness, journal)
    const ids = Array.from({ length: ORDERS_IN_RACE }, () => shop!.newOrder())
    shop.db.close() // the referee keeps out of the race

    const reports = await race(ways.map((way) => ({ file: shop!.file, way, ids })))

    expect(reports.flatMap(({ errors }) => errors)).toEqual([])
    const outcomes = reports.flatMap((report) => report.outcomes).toSorted()
    expect(outcomes).toEqual([
      ...Array<string>(ORDERS_IN_RACE).fill('claimed'),
      ...Array<string>(ORDERS_IN_RACE * 2).fill('duplicate'),
    ])
    shop.reopen()
    expect(ids.map((id) => shop!.state(id))).toEqual(ids.map(() => BOOKED_ONCE))
    expect(shop.balance()).toBe(42 * ORDERS_IN_RACE)
  })
})
