import type { Reply, Row } from '../../src/adapters/adapter.ts'
import { Caller } from '../../src/caller.ts'
import { checkConfig } from '../../src/check-config.ts'
import type { EventHook } from '../../src/events.ts'
import { FIELDS } from '../../src/names.ts'
import type { Statement } from '../../src/sql.ts'
import { asText, LEASES, recordingAdapter } from './recorded.ts'
import type { Recording } from './recorded.ts'

/** What the table holds for a worker. */
export interface Backlog {
  /** How many orders the first take that looks for them finds. Default: one. */
  readonly due?: number
  /** They were left by somebody whose lease is over. */
  readonly left?: boolean
  /** How many of them the first UPDATE changes. Default: all. */
  readonly changed?: number
  /** Without `columns.dueAt`. */
  readonly undated?: boolean
}

/** What a call may hear of. */
export interface Hooks {
  onEvent?: EventHook
}

const COLUMNS = { ...LEASES.columns, dueAt: 'due_at' }

const ordersNamed = ({ parameters }: Statement): number =>
  new Set(parameters.map(String).filter((value) => /^\d$/.test(value))).size

const isPick = ({ sql }: Statement): boolean => /^select top |\nlimit \d/m.test(sql) && sql.includes(FIELDS.leased)

const orders = (count: number, leased: boolean): Row[] =>
  Array.from({ length: count }, (_, index) => ({
    [FIELDS.id(0)]: String(index + 1),
    [FIELDS.leased]: leased ? 1 : 0,
    [FIELDS.attempts]: leased ? '1' : '0',
    account_id: 7,
  }))

/** The statements that a worker sends, in their order, with their parameters. */
export async function recordDrain(
  recording: Recording,
  { due = 1, left = false, changed, undated = false }: Backlog,
  call: (caller: Caller, sent: readonly Statement[], hooks: Hooks) => Promise<unknown>,
): Promise<string> {
  const sent: Statement[] = []
  let transactions = 0
  let isFound = false
  let isChanged = false

  const rowsFor = (statement: Statement): Row[] => {
    const { sql } = statement
    if (sql.includes(FIELDS.found)) return [{ [FIELDS.found]: 7 }]
    if (isPick(statement)) {
      // Without a time, those that were left are asked for first.
      const asksForOthers = undated && sql.includes('order by') === left
      const found = isFound || asksForOthers ? 0 : due
      isFound ||= found > 0
      return orders(found, left)
    }
    if (sql.includes(FIELDS.leased)) return orders(changed ?? ordersNamed(statement), true)
    return /^select .account_id/m.test(sql) ? [{ account_id: 7 }] : []
  }

  const answer = (statement: Statement): Reply => {
    sent.push(statement)
    if (statement.control !== undefined) transactions = statement.control === 'begin' ? 1 : 0
    const isUpdate = /^update /m.test(statement.sql)
    const changes = isUpdate ? (isChanged ? ordersNamed(statement) : (changed ?? ordersNamed(statement))) : 0
    isChanged ||= isUpdate
    const told = {
      claim_rows: changes,
      claim_transactions: transactions,
      claim_implicit: 0,
      claim_transaction_id: 4711,
    }
    const state = { same: 0, transactions: 1, state: 1, id: 4711 }
    const asks = / as same$|@@trancount as transactions/.test(statement.sql)
    const reads = rowsFor(statement).map((row) => ({ claim_autocommit: 1, claim_in_transaction: transactions, ...row }))
    return {
      rows: asks ? [state] : isUpdate ? [told] : reads,
      affectedRows: changes,
      session: { inTransaction: false, autocommit: true },
    }
  }
  const adapter = recordingAdapter({ notNull: ['order_id'], ...recording }, [['order_id']], answer)
  const columns = undated ? LEASES.columns : COLUMNS
  const config = checkConfig({ database: adapter, table: 'shop.order', ...LEASES, columns })
  const hooks: Hooks = {}
  await call(new Caller(config, adapter, (event) => hooks.onEvent?.(event)), sent, hooks)
  return asText(sent)
}
