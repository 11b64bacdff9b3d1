import { createPool } from 'claim-once'
import type { PickStrategy } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { drawByHand } from './by-hand.ts'
import type { NextItems } from './by-hand.ts'
import type { CardTable } from './card-table.ts'
import { CAMPAIGN, COLUMNS } from './card-table.ts'
import { recording, stepsOf } from './recording.ts'
import type { Step } from './recording.ts'
import { IN_FLIGHT } from './settings.ts'
import type { Connections, Way } from './way.ts'

/** A strategy of the library, as it is measured. */
export interface MeasuredStrategy {
  readonly strategy: PickStrategy
  /** By which no statement picks, but something else. */
  readonly nextItems?: NextItems
}

export const STRATEGIES: readonly MeasuredStrategy[] = [{ strategy: 'skip_locked' }, { strategy: 'conditional' }]

/** The library's way beside the same statements by hand. */
export interface Pair {
  readonly strategy: PickStrategy
  readonly together: boolean
  readonly library: Way
  readonly byHand: Way
  readonly steps: readonly Step[]
}

export async function pairOf(
  { strategy, nextItems }: MeasuredStrategy,
  together: boolean,
  table: CardTable,
  { usual }: Connections,
): Promise<Pair> {
  const owners = together ? IN_FLIGHT : 1
  const how = together ? `drawn together (${IN_FLIGHT})` : 'drawn alone'
  const claimNext = drawFrom(mysql(usual), table, strategy, owners)
  const steps = await record(mysql(usual), table, strategy, owners)
  return {
    strategy,
    together,
    steps,
    library: { name: `${strategy}, ${how}`, on: 'usual', owners: 1, draw: claimNext },
    byHand: {
      name: `by hand, the statements of ${strategy}, ${how}`,
      on: 'usual',
      owners,
      draw: drawByHand(usual, steps, nextItems),
    },
  }
}

type Draw = (owners: readonly string[]) => Promise<number>

/** Draws for one owner. */
function drawFrom<Tx>(database: Adapter<Tx>, table: CardTable, strategy: PickStrategy, drawTogether: number): Draw {
  const cards = createPool({
    database,
    table: table.name,
    columns: COLUMNS,
    states: { free: 'Free', taken: 'Taken' },
    strategy,
    drawTogether,
  })
  return async ([owner = '']) => {
    const { outcome } = await cards.claimNext(owner, { scope: CAMPAIGN, read: ['card_number'] })
    if (outcome === 'claimed') return 1
    if (outcome === 'contended') return 0
    throw new Error(`A new owner was answered "${outcome}".`)
  }
}

/** The statements of one draw for so many owners. */
async function record<Tx>(
  adapter: Adapter<Tx>,
  table: CardTable,
  strategy: PickStrategy,
  count: number,
): Promise<readonly Step[]> {
  const sent: Parameters<typeof recording>[1] = []
  const draw = drawFrom(recording(adapter, sent), table, strategy, count)
  await draw(['recorded first']) // the table is described
  sent.length = 0
  const owners = Array.from({ length: count }, (_, index) => `recorded ${index}`)
  await Promise.all(owners.map((owner) => draw([owner])))
  const steps = stepsOf(sent, owners)
  await table.restore('recorded ')
  return steps
}
