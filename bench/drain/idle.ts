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
    const look = () => orders.drain({ read: ['order_id'], effect: () => {} })
    await look() // the table is described
    sent.length = 0
    const first = await counted(single)
    const before = await counted(single)
    await look()
    const after = await counted(single)
    const rows = after - before - (before - first)
    const pick = sent.find(({ statement }) => statement.sql.includes('select'))
    if (pick === undefined) throw new Error('Nothing was asked.')
    const [plans] = await single.execute<RowDataPacket[]>(`explain ${asSelect(pick.statement.sql)}`, [
      ...pick.statement.parameters,
    ])
    const plan = plans
      .map((row) => `${String(row['type'])} on ${String(row['key'])}: ${String(row['Extra'])}`)
      .join('; ')
    const text = [
      `## Nothing is due`,
      `With ${plain(DONE)} orders done and ${plain(LATER)} that are due tomorrow one look sends ${sent.length} statements
(${sent.map(({ statement }) => `\`${wordsOf(statement.sql)}\``).join(', ')}), and the server reads ${rows} rows, by \`${plan}\`.`,
    ].join('\n\n')
    return {
      text,
      targets: [
        { what: 'nothing is due: rows read for one look', measured: rows, most: 1 },
        { what: 'nothing is due: reads that are not ordered by the index', measured: isIndexed(plan) ? 0 : 1, most: 0 },
      ],
    }
  } finally {
    await dropOrders(aside)
  }
}

/** Without the lock wait that is set for this statement, which EXPLAIN does not take. */
const asSelect = (sql: string): string => sql.slice(sql.indexOf('select'))

/** What a statement is called in a sentence. */
const wordsOf = (sql: string): string => {
  const text = sql.trim().replaceAll(/\s+/g, ' ')
  return text.includes('select') ? 'select … for update skip locked' : text
}

const isIndexed = (plan: string): boolean => plan.startsWith('range on due') && !plan.includes('filesort')
