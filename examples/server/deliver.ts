/**
 * `npm run deliver`: sends the cards of prizes that were recorded to be delivered later, each once, while the shop runs or
 * not, in as many processes as you like.
 *
 * DATABASE_URL=… npm run deliver               that of the shop, which prints it at its start; see main.ts
 * DATABASE_URL=… npm run deliver -- --watch    goes on until Ctrl+C, which ends what is being sent
 *
 * Without --watch it ends when nothing is due, as a job of cron does. Its exit code is 1 where a person must look: a prize
 * could not be sent for good, or the database was away.
 */
import { parseArgs } from 'node:util'
import { deliverPrizes } from './lottery/later/deliver.ts'
import { createPrizeWins } from './lottery/later/prize-wins.ts'
import { createPrizeCards } from './lottery/prize-cards.ts'
import { CAMPAIGN } from './lottery/stock-cards.ts'
import { openDatabase } from './shop/database.ts'
import { DeliveryProgress, needsAPerson } from './terminal/delivery.ts'

const POLL_MS = 1000

const { watch } = parseArgs({ options: { watch: { type: 'boolean', default: false } } }).values
const url = process.env['DATABASE_URL']
if (url === undefined || url === '') {
  throw new Error('DATABASE_URL is not set: which shop is it? `npm run example` prints it at its start.')
}

// A second Ctrl+C ends the process at once, whatever it waits for. What it has taken waits until its lease is over.
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

const database = await openDatabase(url, { create: false })
console.log(`Database: ${database.description}`)
const progress = new DeliveryProgress(process.stdout)
try {
  const cards = createPrizeCards(database.db, {})
  // Has the table described before a transaction needs it.
  await cards.count({ scope: CAMPAIGN, timeoutMs: 30_000 })
  const result = await deliverPrizes(createPrizeWins(database.db, progress.onEvent), cards, {
    progress: { intervalMs: POLL_MS },
    signal: stop.signal,
    ...(watch ? { poll: { intervalMs: POLL_MS } } : {}),
  })
  progress.end(result)
  if (needsAPerson(result)) process.exitCode = 1
} finally {
  await database.close()
}
