import type { Adapter, Reply, Row } from '../../src/adapters/adapter.ts'
import { Caller } from '../../src/caller.ts'
import { checkConfig } from '../../src/check-config.ts'
import type { ColumnDescription, Dialect, ServerTraits } from '../../src/dialects/dialect.ts'
import type { RawOptions } from '../../src/options.ts'
import type { Statement } from '../../src/sql.ts'
import type { TransactionWatch } from '../../src/watch.ts'

export interface Recording {
  readonly dialect: Dialect
  readonly columns: Readonly<Record<string, string>>
  /** Those that are not nullable. */
  readonly notNull?: readonly string[]
  readonly server: Partial<ServerTraits>
  /** A transaction of the adapter's own for every claim, as kysely needs it. */
  readonly tellsSession?: boolean
  /** Of its text columns; default: utf8mb4. */
  readonly characters?: Pick<ColumnDescription, 'characterSet' | 'collation' | 'maxLength'>
}

/** What the database answers to a statement: what of the order it reads, and how many rows it has changed. */
export type Script = (statement: Statement) => { readonly row: Row; readonly changes: 0 | 1 }

/** The order waits, and the claim changes it; or it was claimed before. */
export const SCRIPTS = {
  'first callback': () => ({ row: { claim_status: 'Wait' }, changes: 1 }),
  'later callback': () => ({ row: { claim_status: 'Y' }, changes: 0 }),
} as const satisfies Record<string, Script>

const CLAIMS = {
  columns: {
    id: 'order_id',
    status: 'status',
    version: 'row_version',
    token: 'claim_token',
    claimedAt: 'claimed_at',
    paymentId: 'gateway_txn',
  },
  states: { waiting: 'Wait', claimed: 'Y' },
} as const

/** With everything that leases, moves, kept results and noted failures need. */
export const LEASES = {
  columns: {
    ...CLAIMS.columns,
    leaseUntil: 'lease_until',
    attempts: 'attempts',
    lastError: 'last_error',
    result: 'result',
  },
  states: { ...CLAIMS.states, processing: 'Working', failed: 'Failed', closed: ['Expired'] },
} as const

const text = { characterSet: 'utf8mb4', collation: 'utf8mb4_general_ci', maxLength: 64 }
const none = { characterSet: null, collation: null, maxLength: null }

/** An adapter without a server: what is sent is given to `answer`, and so is the table's description. */
export function recordingAdapter(
  { dialect, columns, notNull = [], server, characters, tellsSession = true }: Recording,
  uniqueKeys: readonly (readonly string[])[],
  answer: (statement: Statement) => Reply,
): Adapter<unknown, object> {
  const described = new Map(
    Object.entries(columns).map(([name, type]): [string, ColumnDescription] => [
      name,
      {
        name,
        type,
        nullable: !notNull.includes(name),
        members: null,
        ...(/char|text/.test(type) ? (characters ?? text) : none),
      },
    ]),
  )
  const session = {
    send: answer,
    handle: (watch: TransactionWatch) => watch,
    release: () => {},
    destroy: () => {},
  }
  return {
    synchronous: false,
    tellsSession,
    escapesOnClient: false,
    pool: session,
    open: () => session,
    join: () => ({
      ...session,
      // In the caller's transaction, which is open.
      send(statement) {
        const reply = answer(statement)
        if (statement !== dialect.probe || dialect.name === 'mssql') return reply
        throw Object.assign(new Error('cannot start a transaction within a transaction'), { errno: 1568 })
      },
    }),
    dialect: {
      ...dialect,
      *describe(table) {
        return {
          table,
          columns: described,
          uniqueKeys,
          filteredKeys: [],
          unfit: null,
          server: {
            version: '',
            isMariaDb: false,
            autocommit: true,
            unfitSession: null,
            noBackslashEscapes: false,
            tellsTransactionId: dialect.name === 'mssql',
            ...server,
          },
        }
      },
    },
  }
}

/** The statements that one call sends, in their order, with their parameters. */
export async function record(
  recording: Recording,
  script: Script,
  call: (caller: Caller, sent: readonly Statement[]) => Promise<unknown>,
  config: Partial<Pick<Parameters<typeof checkConfig>[0], 'columns' | 'states'>> = CLAIMS,
): Promise<string> {
  const { dialect, server } = recording
  const sent: Statement[] = []
  let transactions = 0
  const answer = (statement: Statement): Reply => {
    sent.push(statement)
    const tellsOpen = server.isMariaDb === true || dialect.name === 'mssql'
    const open = tellsOpen ? { claim_in_transaction: 0 } : {}
    const { row, changes } = script(statement)
    if (statement.control !== undefined) transactions = statement.control === 'begin' ? 1 : 0
    const rows = [
      {
        claim_version: dialect.name === 'mssql' ? Buffer.from('00000000000007d1', 'hex') : '7',
        claim_matches_0: 1,
        claim_autocommit: 1,
        ...open,
        ...row,
        same: 0,
        // As SQL Server tells it.
        claim_rows: changes,
        claim_transactions: transactions,
        claim_implicit: 0,
        claim_transaction_id: 4711,
        transactions: 1,
        state: 1,
        id: 4711,
      },
    ]
    return {
      rows,
      affectedRows: changes,
      session: { inTransaction: false, autocommit: true },
    }
  }
  const adapter = recordingAdapter(recording, [['order_id']], answer)
  const checked = checkConfig({ database: adapter, table: 'shop.order', ...CLAIMS, ...config })
  await call(new Caller(checked, adapter, undefined), sent)
  return asText(sent)
}

/** Each statement with its parameters, without those that only belong to the table's description. */
export const asText = (sent: readonly Statement[]): string =>
  sent
    .filter(({ sql }) => !/\bas same$/.test(sql))
    .map(({ sql, parameters }) => `${sql};\n${parameters.length === 0 ? '' : `-- ${shown(parameters)}\n`}`)
    .join('\n')
    .replaceAll(/claim_once_[\da-f]{16}/g, '<savepoint>')

/** The token is random. */
const shown = (parameters: readonly unknown[]): string =>
  parameters
    .map((value) =>
      value instanceof Uint8Array
        ? `0x${Buffer.from(value).toString('hex')}`
        : JSON.stringify(value).replace(/^"[\da-f-]{36}"$/, '<token>'),
    )
    .join(', ')

export const titled = (title: string, statements: string): string =>
  `-- ${title} ${'-'.repeat(Math.max(0, 90 - title.length))}\n\n${statements}`

/** The calls whose statements are shown. */
export const CALLS: readonly {
  readonly name: string
  readonly script: keyof typeof SCRIPTS
  readonly options: RawOptions
}[] = [
  { name: 'bare, first callback', script: 'first callback', options: {} },
  { name: 'bare, later callback', script: 'later callback', options: {} },
  {
    name: 'with everything, first callback',
    script: 'first callback',
    options: {
      expect: { amount: '42.00' },
      paymentId: 'p-1',
      set: { note: 'paid' },
      read: ['account_id', 'amount'],
      effect: (tx) => (tx as TransactionWatch).pass('update accounts set balance = balance + 1', async () => 1),
    },
  },
  {
    name: 'with an effect, later callback',
    script: 'later callback',
    options: { expect: { amount: '42.00' }, paymentId: 'p-1', effect: () => 1 },
  },
  {
    name: 'with an effect that sends what might end its transaction',
    script: 'first callback',
    options: { effect: (tx) => (tx as TransactionWatch).pass('call settle()', async () => 1) },
  },
  { name: "in the caller's transaction", script: 'first callback', options: { transaction: {} } },
  { name: 'without waiting for locks', script: 'first callback', options: { lockTimeoutMs: 0 } },
  { name: "with the server's own lock wait", script: 'first callback', options: { lockTimeoutMs: 'server' } },
]
