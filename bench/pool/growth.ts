import { CardTable } from './card-table.ts'
import type { Cards } from './card-table.ts'
import { purged } from './purge.ts'
import { plain, tableOf } from './report.ts'
import { rowsRead } from './rows-read.ts'
import type { Server } from './server.ts'
import type { Settings } from './settings.ts'
import { ratio, takeTurns } from './slices.ts'
import type { Measured } from './slices.ts'
import type { Section } from './speed.ts'
import { pairOf, strategiesOn } from './strategies.ts'
import type { Pair } from './strategies.ts'
import { boundsOf } from './targets.ts'
import type { Target } from './targets.ts'
import type { Subject } from './way.ts'

const TAKEN_PERCENT = [0, 50, 99] as const

/** With so few cards left a slice is too short to be timed; the rows that are read are exact all the same. */
const LEAST_FREE = 5000

/** By the server's statistics an UPDATE finds its card through the one key or the other, which is a row more or two. */
const MORE_ROWS = 3

/** One strategy, on tables of which more and more cards are taken. */
interface Row {
  readonly name: string
  readonly subjects: readonly Subject[]
  readonly rows: readonly number[]
  readonly plan: string
}

/** The cost of a draw must not grow with the cards that are taken already. */
export async function measureGrowth(
  settings: Settings,
  server: Server,
  { cards, indexed }: Pick<Cards, 'cards' | 'indexed'>,
): Promise<Section> {
  const tables: CardTable[] = []
  try {
    for (const takenPercent of TAKEN_PERCENT) {
      tables.push(await CardTable.create(server.aside, { cards, takenPercent, indexed }))
    }
    const rows: Row[] = []
    for (const { strategy, together, pairs } of await pairsOn(tables, server)) {
      const counted: number[] = []
      for (const { table, single } of pairs) {
        counted.push(await rowsRead({ way: single.library, table }, server.single.usual, together))
      }
      const subjects = pairs.map(({ pair, table }) => ({ way: pair.library, table }))
      const name = subjects[0]?.way.name ?? strategy
      rows.push({ name, subjects, rows: counted, plan: await planOf(pairs[0]) })
    }
    const timed = indexed && tables.every(({ free }) => free >= LEAST_FREE)
    const measured = timed
      ? await takeTurns(
          rows.flatMap(({ subjects }) => subjects),
          settings,
          () => purged(server.aside),
        )
      : []
    return section({ cards, indexed }, rows, measured, boundsOf(settings).ofUntouched)
  } finally {
    for (const table of tables) await table.drop()
  }
}

interface OnTable {
  readonly table: CardTable
  readonly pair: Pair
  /** The same over one connection. */
  readonly single: Pair
}

async function pairsOn(tables: readonly CardTable[], server: Server) {
  const all: { strategy: string; together: boolean; pairs: OnTable[] }[] = []
  for (const strategy of strategiesOn(server)) {
    for (const together of [false, true]) {
      const pairs: OnTable[] = []
      for (const table of tables) {
        const pair = await pairOf(strategy, together, table, server)
        pairs.push({ table, pair, single: await pairOf(strategy, together, table, server.single) })
      }
      all.push({ strategy: strategy.strategy, together, pairs })
    }
  }
  return all
}

/** How the server finds free cards. */
async function planOf(on: OnTable | undefined): Promise<string> {
  const pick = on?.pair.steps.find(({ does }) => does === 'pick')
  if (on === undefined || pick === undefined) return 'no statement picks'
  const values = pick.parameters.map((parameter) => {
    if (parameter.is === 'fixed') return parameter.value
    return parameter.is === 'item' ? String(parameter.index + 1) : null
  })
  // EXPLAIN stands before the SELECT, and not before the bound of its lock wait.
  return await on.table.plan(pick.sql.slice(pick.sql.indexOf('select ')), values)
}

function section(
  { cards, indexed }: Pick<Cards, 'cards' | 'indexed'>,
  rows: readonly Row[],
  measured: readonly Measured[],
  least: number,
): Section {
  const targets: Target[] = []
  const perSecond: (string | number)[][] = []
  for (const { name, subjects, rows: counted } of rows) {
    const [untouched = NaN, ...later] = counted
    if (!indexed) continue // it does grow then: which is what the index is for
    targets.push({
      what: `${plain(cards)} cards: ${name}: rows read for a card, more than where none is taken`,
      measured: Math.max(...later) - untouched,
      most: MORE_ROWS,
    })
    const each = subjects.flatMap((subject) => measured.find((one) => one.subject === subject) ?? [])
    const [first, half, last] = each
    if (first === undefined || half === undefined || last === undefined) continue
    const kept = ratio(last, first)
    perSecond.push([name, first.perSecond, half.perSecond, last.perSecond, ratio(half, first), kept])
    targets.push({
      what: `${plain(cards)} cards: ${name}: cards a second when 99 % are taken, beside none`,
      measured: kept,
      least,
    })
  }
  const shares = TAKEN_PERCENT.map((percent) => `${percent} % taken`)
  const parts = [
    `## Cards that are taken already, ${plain(cards)} cards, ${indexed ? 'with' : 'without'} the index`,
    'Rows that the server reads for one card, by its own counters (`Handler_read_%`):',
    tableOf(
      ['', ...shares],
      rows.map(({ name, rows: counted }) => [name, ...counted]),
    ),
    'How it finds them, by EXPLAIN:',
    rows.map(({ name, plan }) => `- ${name}: ${plan}`).join('\n'),
  ]
  if (perSecond.length > 0) {
    parts.push('Cards a second:', tableOf(['', ...shares, '50 % beside 0 %', '99 % beside 0 %'], perSecond))
  }
  return { text: parts.join('\n\n'), targets }
}
