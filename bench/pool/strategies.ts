import { createPool } from 'claim-once'
import type { PickStrategy } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { drawByHand } from './by-hand.ts'
import type { CardTable } from './card-table.ts'
import { CAMPAIGN, COLUMNS } from './card-table.ts'
import { recording, stepsOf } from './recording.ts'
import type { Step } from './recording.ts'
import type { Queue } from './queue.ts'
import type { Server } from './server.ts'
import { IN_FLIGHT } from './settings.ts'
import { restore } from './way.ts'
import type { Connections, Subject, Way } from './way.ts'

/** A strategy of the library, as it is measured. */
export interface MeasuredStrategy {
  readonly strategy: PickStrategy
  /** For `queue`. */
  readonly queue?: Queue
}

export const strategiesOn = ({ queue }: Server): readonly MeasuredStrategy[] => [
  { strategy: 'skip_locked' },
  { strategy: 'conditional' },
  { strategy: 'queue', queue },
]

/** The library's way beside the same statements by hand. */
export interface Pair {
  readonly strategy: PickStrategy
  readonly together: boolean
  readonly library: Way
  readonly byHand: Way
  readonly steps: readonly Step[]
}

export async function pairOf(
  measured: MeasuredStrategy,
  together: boolean,
  table: CardTable,
  { usual }: Connections,
): Promise<Pair> {
  const { strategy, queue } = measured
  const owners = together ? IN_FLIGHT : 1
  const how = together ? `drawn together (${IN_FLIGHT})` : 'drawn alone'
  const list = `${table.name}:${CAMPAIGN}` // as the package calls it
  const common = {
    on: 'usual',
    ...(queue === undefined ? {} : { restored: (ids: readonly string[]) => queue.candidates.push(list, ids) }),
  } as const
  const library = { ...common, name: `${strategy}, ${how}`, owners: 1 }
  const cards = cardsOf(mysql(usual), table, measured, owners)
  if (queue?.filled.has(list) === false) {
    await cards.refill({ scope: CAMPAIGN })
    queue.filled.add(list)
  }
  const sent: Parameters<typeof recording>[1] = []
  const recorded = drawFrom(cardsOf(recording(mysql(usual), sent), table, measured, owners))
  const steps = await record({ way: { ...library, draw: recorded }, table }, owners, sent)
  const nextItems = queue === undefined ? undefined : (count: number) => queue.popByHand(list, count)
  return {
    strategy,
    together,
    steps,
    library: { ...library, draw: drawFrom(cards) },
    byHand: {
      ...common,
      name: `by hand, the statements of ${strategy}, ${how}`,
      owners,
      draw: drawByHand(usual, steps, nextItems),
    },
  }
}

const cardsOf = <Tx>(
  database: Adapter<Tx>,
  table: CardTable,
  { strategy, queue }: MeasuredStrategy,
  drawTogether: number,
) =>
  createPool({
    database,
    table: table.name,
    columns: COLUMNS,
    states: { free: 'Free', taken: 'Taken' },
    strategy,
    drawTogether,
    ...(queue === undefined ? {} : { queue: queue.candidates }),
  })

/** Draws for one owner. */
const drawFrom =
  <Tx>({ claimNext }: ReturnType<typeof cardsOf<Tx>>): Way['draw'] =>
  async ([owner = '']) => {
    const { outcome } = await claimNext(owner, { scope: CAMPAIGN, read: ['card_number'] })
    if (outcome === 'claimed') return 1
    if (outcome === 'contended') return 0
    throw new Error(`A new owner was answered "${outcome}".`)
  }

/** The statements of one draw for so many owners. */
async function record(
  subject: Subject,
  count: number,
  sent: Parameters<typeof recording>[1],
): Promise<readonly Step[]> {
  const { draw } = subject.way
  await draw(['recorded first']) // the table is described
  sent.length = 0
  const owners = Array.from({ length: count }, (_, index) => `recorded ${index}`)
  await Promise.all(owners.map((owner) => draw([owner])))
  const steps = stepsOf(sent, owners)
  await restore(subject, 'recorded ')
  return steps
}
