import type { Pool } from 'mysql2/promise'
import { purged } from '../pool/purge.ts'
import { tableOf } from '../pool/report.ts'
import type { Target } from '../pool/targets.ts'
import { inTurns, median, ratioOf } from '../turns.ts'
import type { Rounds } from '../turns.ts'
import { byHand } from './by-hand.ts'
import { byPackage } from './by-package.ts'
import { createOrders, dropOrders, restoreOrders } from './order-table.ts'
import type { Server } from './server.ts'
import { DUE } from './settings.ts'
import type { Settings } from './settings.ts'
import { recordedStatements, shortestStatements } from './statements.ts'
import type { Size, Way } from './way.ts'

export interface Section {
  readonly text: string
  readonly targets: readonly Target[]
}

interface Slice {
  readonly perSecond: number
  /** Orders that were delivered, and not claimed or not counted, or the other way round. */
  readonly wrong: number
  /** What the program computed meanwhile, without the server, for each order, in microseconds. */
  readonly cpu: number
}

interface Compared {
  readonly size: Size
  readonly library: Rounds<Slice>
  readonly byHand: Rounds<Slice>
  readonly shortest: Rounds<Slice>
}

/** Orders a second by one effect for each order, or for each batch; by so many workers, in batches of so many. */
export async function measureSpeed(settings: Settings, server: Server, together: boolean): Promise<Section> {
  await createOrders(server.aside, DUE)
  try {
    const sizes = settings.batches.flatMap((batch) => settings.workers.map((workers) => ({ workers, batch, together })))
    const ways: Awaited<ReturnType<typeof waysOf>>[] = []
    for (const size of sizes) ways.push(await waysOf(server, size))
    const slices = await inTurns(
      ways.flatMap(({ library, same, shortest }) => [same, library, shortest]),
      settings,
      () => purged(server.aside),
      (way, seconds) => workFor(server.aside, way, seconds),
    )
    const of = (way: Way): Rounds<Slice> => slices.get(way) ?? new Map<number, Slice>()
    const compared = ways.map(({ size, library, same, shortest }) => ({
      size,
      library: of(library),
      byHand: of(same),
      shortest: of(shortest),
    }))
    return section(settings, together, compared)
  } finally {
    await dropOrders(server.aside)
  }
}

async function waysOf({ aside, usual, readCommitted }: Server, size: Size) {
  return {
    size,
    library: byPackage(usual, size),
    same: byHand(usual, size, 'by hand', await recordedStatements(aside, size)),
    shortest: byHand(readCommitted, size, 'by hand, the shortest', shortestStatements(size)),
  }
}

async function workFor(aside: Pool, way: Way, seconds: number): Promise<Slice> {
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const done = await way.run(AbortSignal.timeout(seconds * 1000))
  const tookMs = performance.now() - start
  const { user, system } = process.cpuUsage(cpuBefore)
  const { claimed, delivered, left } = await restoreOrders(aside)
  return {
    perSecond: (done * 1000) / tookMs,
    wrong: Math.abs(claimed - done) + Math.abs(delivered - done) + left,
    cpu: (user + system) / done,
  }
}

function section({ ofByHand, ofFewer }: Settings, together: boolean, all: readonly Compared[]): Section {
  const kind = together ? 'one effect for a batch' : 'one effect for an order'
  const named = ({ workers, batch }: Size): string => `${kind}, ${workers} workers, batches of ${batch}`
  const targets: Target[] = [
    {
      what: `${kind}: orders that were not delivered exactly once`,
      measured: all.reduce((sum, { library }) => sum + wrongOf(library), 0),
      most: 0,
    },
  ]
  for (const { size, library, byHand: hand } of all) {
    targets.push({ what: `${named(size)}: beside the loop by hand`, measured: ratioOf(library, hand), least: ofByHand })
    const fewer = fewerThan(size, all)
    if (fewer === undefined) continue
    const what = `${named(size)}: beside ${fewer.size.workers}`
    targets.push({ what, measured: ratioOf(library, fewer.library), least: ofFewer })
  }
  const lines = all.map(({ size, library, byHand: hand, shortest }) => [
    `${size.workers} × ${size.batch}`,
    rateOf(library),
    rateOf(hand),
    ratioOf(library, hand),
    rateOf(shortest),
    ratioOf(library, shortest),
    cpuOf(library),
    cpuOf(hand),
  ])
  const head = [
    'workers × batch',
    'drain, orders a second',
    'by hand',
    'of by hand',
    'the shortest',
    'of the shortest',
    'CPU µs an order',
    'by hand',
  ]
  return { text: `## ${kind}\n\n${tableOf(head, lines)}`, targets }
}

/** The next fewer workers, with batches of the same size. */
const fewerThan = ({ workers, batch }: Size, all: readonly Compared[]): Compared | undefined =>
  all.filter(({ size }) => size.batch === batch && size.workers < workers).at(-1)

const rateOf = (slices: Rounds<Slice>): number => median([...slices.values()].map(({ perSecond }) => perSecond))
const cpuOf = (slices: Rounds<Slice>): number => median([...slices.values()].map(({ cpu }) => cpu))
const wrongOf = (slices: Rounds<Slice>): number => [...slices.values()].reduce((sum, { wrong }) => sum + wrong, 0)
