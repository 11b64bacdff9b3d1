import { CardTable } from './card-table.ts'
import type { Cards } from './card-table.ts'
import { naiveWays, shortestWays } from './plain-ways.ts'
import { purged } from './purge.ts'
import { plain, tableOf } from './report.ts'
import { rowsRead } from './rows-read.ts'
import type { Server } from './server.ts'
import type { Settings } from './settings.ts'
import { ratio, takeTurns } from './slices.ts'
import type { Measured } from './slices.ts'
import { pairOf, strategiesOn } from './strategies.ts'
import type { MeasuredStrategy, Pair } from './strategies.ts'
import { boundsOf } from './targets.ts'
import type { Target } from './targets.ts'
import type { Connections, Way } from './way.ts'

export interface Section {
  readonly text: string
  readonly targets: readonly Target[]
}

interface Ways {
  readonly pairs: readonly Pair[]
  readonly others: readonly Way[]
}

/** Every way to draw, on one pool. */
export async function measureSpeed(settings: Settings, server: Server, has: Cards): Promise<Section> {
  const table = await CardTable.create(server.aside, has)
  try {
    const { pairs, others } = await waysOn(table, server, strategiesOn(server), settings)
    const ways = [...pairs.flatMap(({ byHand, library }) => [byHand, library]), ...others]
    const subjects = ways.map((way) => ({ way, table }))
    const measured = await takeTurns(subjects, settings, () => purged(server.aside))
    const rows = await rowsOfEach(table, server, settings)
    return section(has, pairs, measured, rows, boundsOf(settings))
  } finally {
    await table.drop()
  }
}

async function waysOn(
  table: CardTable,
  connections: Connections,
  strategies: readonly MeasuredStrategy[],
  { quick }: Settings,
): Promise<Ways> {
  const pairs: Pair[] = []
  for (const strategy of strategies) {
    for (const together of [false, true]) pairs.push(await pairOf(strategy, together, table, connections))
  }
  // The naive ways are there to be looked at: no target rests on them.
  return { pairs, others: [...shortestWays(table, connections), ...(quick ? [] : naiveWays(table, connections))] }
}

/** Rows read for one card, by the name of the way. */
async function rowsOfEach(table: CardTable, server: Server, settings: Settings): Promise<ReadonlyMap<string, number>> {
  const { single } = server
  const { pairs, others } = await waysOn(table, single, strategiesOn(server), settings)
  const rows = new Map<string, number>()
  for (const { library, byHand, together } of pairs) {
    for (const way of [library, byHand]) {
      rows.set(way.name, await rowsRead({ way, table }, single[way.on], together))
    }
  }
  for (const way of others) rows.set(way.name, await rowsRead({ way, table }, single[way.on], false))
  return rows
}

function section(
  { cards, indexed }: Cards,
  pairs: readonly Pair[],
  measured: readonly Measured[],
  rows: ReadonlyMap<string, number>,
  bounds: ReturnType<typeof boundsOf>,
): Section {
  const of = (way: Way): Measured => {
    const found = measured.find(({ subject }) => subject.way === way)
    if (found === undefined) throw new Error(`"${way.name}" was not measured.`)
    return found
  }
  const isLibrary = (way: Way): boolean => pairs.some(({ library }) => library === way)
  // What Redis adds is beside the question what drawing together adds.
  const best = measured
    .filter(({ subject: { way } }) => way.owners === 1 && way.unsafe !== true && way.restored === undefined)
    .filter(({ subject: { way } }) => !isLibrary(way))
    .reduce((first, second) => (second.perSecond > first.perSecond ? second : first))
  const where = `${plain(cards)} cards, ${indexed ? 'with' : 'without'} the index`

  const targets: Target[] = [
    {
      what: `${where}: cards that the package gave to two owners`,
      measured: pairs.reduce((total, { library }) => total + of(library).twice, 0),
      most: 0,
    },
  ]
  for (const { library, byHand, together } of pairs) {
    const ours = of(library)
    // Without the index the server is what is measured.
    if (!indexed) continue
    targets.push({
      what: `${where}: ${library.name}, beside the same statements by hand`,
      measured: ratio(ours, of(byHand)),
      least: bounds.ofByHand,
    })
    if (!together) continue
    targets.push({
      what: `${where}: ${library.name}, beside the best draw of one card by hand`,
      measured: ratio(ours, best),
      least: bounds.together,
    })
  }

  const lines = measured.map((each) => {
    const { way } = each.subject
    const pair = pairs.find(({ library }) => library === way)
    return [
      way.name,
      each.perSecond,
      each.p99,
      each.cpuPerCard,
      pair === undefined ? '' : ratio(each, of(pair.byHand)),
      ratio(each, best),
      rows.get(way.name) ?? NaN,
      [...each.failed].map(([what, times]) => `${what} ${times}`).join(', '),
      each.twice === 0 ? '' : plain(each.twice),
    ]
  })
  const head = [
    '',
    'cards a second',
    'p99, ms',
    'CPU µs a card',
    'of by hand',
    'of the best',
    'rows read a card',
    'gave none',
    'given twice',
  ]
  const text = `## ${where}\n\n${tableOf(head, lines)}\n\n"The best" is the best draw of one card by hand, of those without Redis: ${best.subject.way.name}.`
  return { text, targets }
}
