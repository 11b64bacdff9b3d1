/**
 * `npm run example`: a small shop and a simulated payment gateway, and a line in the terminal for each callback; and a
 * lottery whose cards are drawn in the browser.
 *
 * PORT=8080 npm run example                    on another port; the default is 3000
 * DATABASE_URL=… npm run example               on a server; the default is a new SQLite file
 *   sqlite:shop.db                             a SQLite file that stays
 *   mysql://user:password@host/name            MySQL or MariaDB, which is also mariadb://
 *   mssql://user:password@host/name            SQL Server or Azure SQL, also sqlserver://; ?encrypt=false where it has no TLS
 *   Server=host;Database=name;User Id=…        the same as ADO.NET writes it
 * DELIVER_EVERY_S=10 npm run example           sends what is to be delivered later each 10 s; else `npm run deliver` does
 * REDIS_URL=redis://… npm run example          the lottery can have its candidates from a queue in Redis
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { payOrder } from './pay-order.ts'
import { openDatabase } from './shop/database.ts'
import { createOrder } from './shop/orders.ts'
import { startShop } from './start-shop.ts'
import type { RunningShop, ShopOptions } from './start-shop.ts'
import { lotteryStory } from './terminal/lottery-story.ts'
import { STORY_HEADING, terminalStory } from './terminal/story.ts'
import { invitation, welcome } from './terminal/welcome.ts'

const deliverEveryMs = readSeconds('DELIVER_EVERY_S')
const database = await openDatabase(process.env['DATABASE_URL'])
const shop = await start({
  database,
  story: terminalStory,
  lottery: { story: lotteryStory, redisUrl: process.env['REDIS_URL'], deliverEveryMs },
})

/** For an account that nobody has used, also where an earlier run left its tables: its balance begins at 0. */
const order = (name: string): Promise<number> =>
  createOrder(database.db, `${name}-${randomBytes(2).toString('hex')}`, 4200)

console.log(welcome({ url: shop.url, database: database.description }))
console.log(STORY_HEADING)
await payOrder(shop, await order('nadia'), { strategy: 'naive', burst: 5 })
await payOrder(shop, await order('clara'), { strategy: 'conditional', burst: 5 })
console.log(
  invitation({
    url: shop.url,
    naiveOrder: await order('nils'),
    safeOrder: await order('petra'),
    sharedBy: database.sharedBy,
  }),
)

// A second Ctrl+C ends the process at once, whatever it waits for.
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await shop.close()
await database.close()
console.log('The shop is closed.')

/** On the port asked for, which must be free; without one on 3000, or where that is taken on any other. */
async function start(options: Omit<ShopOptions, 'port'>): Promise<RunningShop> {
  const port = process.env['PORT']
  try {
    return await startShop({ ...options, port: Number(port ?? 3000) })
  } catch (error) {
    if (port !== undefined || !isPortTaken(error)) {
      await database.close()
      throw error
    }
    console.log('Port 3000 is taken, so this is on another one. PORT=8080 npm run example chooses.')
    return await startShop(options)
  }
}

/** In milliseconds. */
function readSeconds(name: string): number | undefined {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  const seconds = Number(text)
  if (seconds >= 0.1 && seconds <= 86_400) return seconds * 1000
  throw new Error(`${name} is "${text}". It is a number of seconds, from 0.1 to 86400.`)
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
