import { createClaims } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import type { RowDataPacket } from 'mysql2/promise'
import { recording } from '../pool/recording.ts'
import { plain } from '../pool/report.ts'
import { counted } from '../pool/rows-read.ts'
import { CONFIG, createOrders, dropOrders, ORDERS } from './order-table.ts'
import type { Server } from './server.ts'
import type { Section } from './speed.ts'

const DONE = 100_000
const LATER = 1000

/** What it costs to look where nothing is due: many orders are done, and some wait until tomorrow. */
export async function measureIdle({ aside, single }: Server): Promise<Section> {
  await createOrders(aside, DONE + LATER)
  try {
    await aside.query(`update ${ORDERS} set status = 'Y', due_at = null where order_id <= ${DONE}`)
    await aside.query(`update ${ORDERS} set due_at = utc_timestamp(6) + interval 1 day where order_id > ${DONE}`)
    // What was in the index before is gone from it.
    await aside.query(`optimize table ${ORDERS}`)
    const sent: Parameters<typeof recording>[1] = []
    const orders = createClaims({ database: recording(mysql(single), sent), ...CONFIG })
    const poll = (): Promise<unknown> =>
      orders.drain(
        { read: ['order_id'], effect: () => {} },
        { poll: { intervalMs: 20 }, signal: AbortSignal.timeout(1000) },
      )
    await poll() // the table is described
    sent.length = 0
    const first = await counted(single)
    const before = await counted(single)
    await poll()
    const after = await counted(single)
    const reads = sent.filter(({ statement }) => statement.sql.includes('select')).length
    const rows = (after - before - (before - first)) / reads
    // It begins like a job, by a take.
    const looks = sent.slice(sent.findIndex(({ statement }) => statement.sql === 'rollback') + 1)
    const [pick] = looks
    if (pick === undefined) throw new Error('Nothing was asked.')
    const others = looks.filter(({ statement }) => statement.sql !== pick.statement.sql).length
    const [plans] = await single.execute<RowDataPacket[]>(`explain ${pick.statement.sql}`, [
      ...pick.statement.parameters,
    ])
    const plan = plans
      .map((row) => `${String(row['type'])} on ${String(row['key'])}: ${String(row['Extra'])}`)
      .join('; ')
    const text = [
      `## Nothing is due`,
      `With ${plain(DONE)} orders done and ${plain(LATER)} that are due tomorrow a loop looks by one statement without a lock or a
transaction, and the server reads ${rows} rows for it, by \`${plan}\`. (${plain(looks.length)} looks.)`,
    ].join('\n\n')
    return {
      text,
      targets: [
        { what: 'nothing is due: rows read for one look', measured: rows, most: 1 },
        { what: 'nothing is due: other statements than the one that looks', measured: others, most: 0 },
        { what: 'nothing is due: reads that are not ordered by the index', measured: isIndexed(plan) ? 0 : 1, most: 0 },
      ],
    }
  } finally {
    await dropOrders(aside)
  }
}

const isIndexed = (plan: string): boolean => plan.startsWith('range on due') && !plan.includes('filesort')
