/**
 * `npm run demo`: the same payments decided by the naive handler and by each strategy, and a table of what came of it.
 *
 * npm run demo -- --callbacks 50 --orders 10
 * DATABASE_URL=mysql://user:password@host/name npm run demo     any DATABASE_URL of main.ts
 *
 * Fails when a strategy recharged an order other than exactly once; and when the naive handler did nothing wrong, for
 * then the demo has shown nothing.
 */
import { isRight, rechargedTwice } from './demo/measurement.ts'
import type { Measurement } from './demo/measurement.ts'
import { readOptions } from './demo/options.ts'
import { runStrategy } from './demo/run-strategy.ts'
import { table } from './demo/table.ts'
import { openDatabase } from './shop/database.ts'
import { SHOP_STRATEGIES } from './shop/strategy.ts'
import type { SettlementReport } from './shop/shop.ts'
import type { ShopStrategy } from './shop/strategy.ts'
import { settlementLine } from './terminal/story.ts'

/** A race has no certain end: the naive handler may be lucky, and then gets a new round of orders. */
const NAIVE_ROUNDS = 10

const { callbacks, orders } = readOptions(process.argv.slice(2))
const database = await openDatabase(process.env['DATABASE_URL'])
const measurements: Measurement[] = []
try {
  console.log(`Database: ${database.description}`)
  console.log(`Orders for each strategy: ${orders}`)
  console.log(
    `Callbacks for each order, at once: ${callbacks} (the customer's browser and ${callbacks - 1} notifications)`,
  )
  for (const strategy of SHOP_STRATEGIES) measurements.push(await run(strategy))
} finally {
  await database.close()
}

console.log(`\n${table(measurements)}\n`)
for (const measurement of measurements) {
  const { strategy, errors } = measurement
  if (errors.length > 0) console.error(`${strategy}: ${errors.length} callbacks failed, the first with`, errors[0])
  const fault = faultOf(measurement)
  if (fault === null) continue
  console.error(`${strategy}: ${fault}`)
  process.exitCode = 1
}

async function run(strategy: ShopStrategy): Promise<Measurement> {
  console.log(`\n${strategy}`)
  const settled = (report: SettlementReport): void => console.log(`  ${settlementLine(report)}`)
  const round = (): Promise<Measurement> => runStrategy(strategy, { database, orders, callbacks, settled })
  let measurement = await round()
  if (strategy !== 'naive') return measurement

  let rounds = 1
  while (!rechargedTwice(measurement) && rounds < NAIVE_ROUNDS) {
    measurement = await round()
    rounds++
  }
  console.log(
    `  Rounds until the naive handler failed: ${rechargedTwice(measurement) ? rounds : `more than ${rounds}`}.`,
  )
  return measurement
}

function faultOf(measurement: Measurement): string | null {
  if (measurement.strategy === 'naive') {
    return rechargedTwice(measurement) ? null : 'no order was recharged twice, so nothing was shown.'
  }
  return isRight(measurement) ? null : 'not every order was recharged exactly once.'
}
