import { CardTable } from './card-table.ts'
import { shortestWays } from './plain-ways.ts'
import { plain, tableOf } from './report.ts'
import type { Server } from './server.ts'
import type { Settings } from './settings.ts'
import { ratio, takeTurns } from './slices.ts'
import type { Section } from './speed.ts'
import { pairOf, strategiesOn } from './strategies.ts'
import type { Way } from './way.ts'

/** So many cards are drawn while the backup runs, or half of the pool. */
const DRAWN = 10_000

/**
 * While a transaction holds a snapshot open, as a backup does or a long report, the server keeps in the index, marked as
 * deleted, the entry of every card that was free when it began. A pick that begins with the first free card walks over
 * them all, and no counter shows it.
 */
export async function measureBackup(settings: Settings, server: Server, cards: number): Promise<Section> {
  const has = { cards, takenPercent: 0, indexed: true }
  const drawn = Math.min(DRAWN, cards / 2)
  const untouched = await CardTable.create(server.aside, has)
  const table = await CardTable.create(server.aside, has, '_drawn')
  const backup = await server.reader.getConnection()
  try {
    await backup.query('start transaction with consistent snapshot')
    await table.take(drawn)
    const ways = await waysOn(untouched, server)
    const waysLater = await waysOn(table, server)
    const pairs = ways.map((way, index) => ({ way, later: waysLater[index] ?? way }))
    const measured = await takeTurns(
      pairs.flatMap(({ way, later }) => [
        { way, table: untouched },
        { way: later, table },
      ]),
      settings,
      async () => {}, // the purge waits for the backup
    )
    const rows: (string | number)[][] = []
    for (const { way, later } of pairs) {
      const before = measured.find(({ subject }) => subject.way === way)
      const after = measured.find(({ subject }) => subject.way === later)
      if (before === undefined || after === undefined) throw new Error(`"${way.name}" was not measured.`)
      const kept = ratio(after, before)
      rows.push([way.name, before.perSecond, after.perSecond, kept])
    }
    const head = ['', 'none drawn', `${plain(drawn)} drawn`, 'beside none']
    const text = `## While a backup runs, ${plain(cards)} cards, with the index

Cards a second while another transaction holds a snapshot that was taken before the draws:

${tableOf(head, rows)}`
    // What the server does there is no fault of the package's, and the same by hand: it is shown, and no target.
    return { text, targets: [] }
  } finally {
    await backup.query('rollback')
    backup.release()
    await untouched.drop()
    await table.drop()
  }
}

/** The package's, and the shortest by hand. */
async function waysOn(table: CardTable, server: Server): Promise<readonly Way[]> {
  const ways: Way[] = []
  for (const strategy of strategiesOn(server)) {
    for (const together of [false, true]) ways.push((await pairOf(strategy, together, table, server)).library)
  }
  return [...ways, ...shortestWays(table, server)]
}
