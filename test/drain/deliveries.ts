import { asText } from '../../src/dialects/values.ts'
import type { ClaimsUnderTest, Subject, TestedClaims } from '../contract/subject.ts'
import { claimsOn } from '../contract/subject.ts'

/** What is to be delivered, and a ledger without any key that could hide a second delivery. */
export const DDL: Readonly<Record<Subject['family'], readonly string[]>> = {
  mysql: [
    `create table deliveries (
       delivery_id bigint not null auto_increment primary key, status varchar(10) not null default 'Wait', card varchar(30) not null,
       note varchar(100) null, row_version int not null default 0, claim_token char(36) null, claimed_at datetime(6) null,
       gateway_txn varchar(64) null, lease_until datetime(6) null, due_at datetime(6) null, attempts int not null default 0,
       last_error varchar(200) null, result text null, key due (due_at, status)
     ) engine = InnoDB default charset = utf8mb4`,
    'create table delivered (id int not null auto_increment primary key, delivery_id bigint not null) engine = InnoDB',
  ],
  sqlite: [
    `create table deliveries (
       delivery_id integer primary key, status text not null default 'Wait', card text not null, note text,
       row_version integer not null default 0, claim_token text, claimed_at text, gateway_txn text, lease_until text, due_at text,
       attempts integer not null default 0, last_error text, result text
     )`,
    'create index due on deliveries (due_at, status)',
    'create table delivered (id integer primary key, delivery_id integer not null)',
  ],
  mssql: [
    `create table deliveries (
       delivery_id bigint not null identity primary key, status varchar(10) not null default 'Wait', card varchar(30) not null,
       note varchar(100) null, row_version int not null default 0, claim_token char(36) null, claimed_at datetime2(6) null,
       gateway_txn varchar(64) null, lease_until datetime2(6) null, due_at datetime2(6) null, attempts int not null default 0,
       last_error varchar(200) null, result nvarchar(max) null
     )`,
    'create index due on deliveries (due_at, status)',
    'create table delivered (id int not null identity primary key, delivery_id bigint not null)',
  ],
}

/** By the clock of the database: some seconds from now, and what is left until a time, in milliseconds. */
export const CLOCK = {
  mysql: {
    fromNow: (seconds) => `utc_timestamp(6) + interval ${seconds} second`,
    left: (column) => `timestampdiff(microsecond, utc_timestamp(6), ${column}) / 1000`,
  },
  mssql: {
    fromNow: (seconds) => `dateadd(second, ${seconds}, sysutcdatetime())`,
    left: (column) => `datediff_big(millisecond, sysutcdatetime(), ${column})`,
  },
  sqlite: {
    fromNow: (seconds) => `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '${seconds} seconds')`,
    left: (column) => `cast(round((julianday(${column}) - julianday('now')) * 86400000) as integer)`,
  },
} as const satisfies Record<
  Subject['family'],
  { readonly fromNow: (seconds: number) => string; readonly left: (column: string) => string }
>

const COLUMNS = {
  id: 'delivery_id',
  status: 'status',
  version: 'row_version',
  token: 'claim_token',
  claimedAt: 'claimed_at',
  paymentId: 'gateway_txn',
  leaseUntil: 'lease_until',
  attempts: 'attempts',
  lastError: 'last_error',
  result: 'result',
} as const

export const DELIVERIES = {
  table: 'deliveries',
  columns: { ...COLUMNS, dueAt: 'due_at' },
  states: { waiting: 'Wait', claimed: 'Y', processing: 'Working', failed: 'Failed', closed: ['Expired'] },
  timeoutMs: 20_000,
  lockTimeoutMs: 'server',
} as const

/** The same where the table has no column that says when. */
export const WITHOUT_DUE = { ...DELIVERIES, columns: COLUMNS } as const

export async function createDeliveries({ family, query }: Subject): Promise<void> {
  for (const statement of DDL[family]) await query(statement)
}

/** Claims on the deliveries, with every column that a worker knows of. */
export const deliveriesOn = (subject: Subject, under: Partial<ClaimsUnderTest> = {}): TestedClaims =>
  claimsOn(subject, { strategy: 'conditional', ...under, config: { ...DELIVERIES, ...under.config } })

/** When a delivery is due: some seconds from now, or never. */
export type Due = number | null

/** The table holds these, and nothing else; gives their ids. */
export async function newDeliveries({ family, query }: Subject, dues: readonly Due[]): Promise<number[]> {
  await query('delete from deliveries')
  await query('delete from delivered')
  for (let from = 0; from < dues.length; from += 500) {
    const rows = dues.slice(from, from + 500).map((due, index) => {
      return `('N${from + index}', ${due === null ? 'null' : CLOCK[family].fromNow(due)})`
    })
    await query(`insert into deliveries (card, due_at) values ${rows.join(', ')}`)
  }
  const rows = await query('select delivery_id from deliveries order by delivery_id')
  return rows.map((row) => Number(row['delivery_id']))
}

export interface Delivery {
  readonly status: unknown
  readonly attempts: number
  readonly token: unknown
  readonly claimedAt: unknown
  readonly payment: unknown
  readonly note: unknown
  readonly version: number
  readonly lastError: string | null
  readonly result: unknown
  /** Milliseconds from now; `null` where there is no time. */
  readonly dueMs: number | null
  readonly leaseMs: number | null
}

export async function deliveryOf({ family, query }: Subject, id: number | undefined): Promise<Delivery> {
  const { left } = CLOCK[family]
  const [row] = await query(
    `select d.*, ${left('due_at')} as due_ms, ${left('lease_until')} as lease_ms from deliveries d where delivery_id = ${id}`,
  )
  if (row === undefined) throw new Error(`There is no delivery ${id}.`)
  const number = (name: string): number | null => {
    const text = asText(row[name])
    return text === null ? null : Number(text)
  }
  return {
    status: row['status'],
    attempts: Number(row['attempts']),
    token: row['claim_token'],
    claimedAt: row['claimed_at'],
    payment: row['gateway_txn'],
    note: row['note'],
    version: Number(row['row_version']),
    lastError: asText(row['last_error']),
    result: row['result'],
    dueMs: number('due_ms'),
    leaseMs: number('lease_ms'),
  }
}

/** Changes a time of a delivery to some seconds from now. */
export const setTime = (
  { family, query }: Subject,
  id: number | undefined,
  column: 'due_at' | 'lease_until',
  seconds: number,
): Promise<unknown> =>
  query(`update deliveries set ${column} = ${CLOCK[family].fromNow(seconds)} where delivery_id = ${id}`)

/** Somebody died with it, who had so many attempts; his lease ends when it was due. */
export const leaveBehind = ({ query }: Subject, id: number | undefined, attempts = 1): Promise<unknown> =>
  query(
    `update deliveries set status = 'Working', claim_token = 'of somebody who died', attempts = ${attempts}, lease_until = due_at
     where delivery_id = ${id}`,
  )

/** Its worker died: the lease has been over for a second. */
export async function letLeaseRunOut(subject: Subject, id: number | undefined): Promise<void> {
  await setTime(subject, id, 'lease_until', -1)
  await subject.query(`update deliveries set due_at = lease_until where delivery_id = ${id} and due_at is not null`)
}

/** An effect: enters a delivery into the ledger, at once where its handle answers at once. */
export const deliver = (subject: Subject, tx: unknown, ...ids: readonly unknown[]): unknown =>
  subject.through(tx, `insert into delivered (delivery_id) values ${ids.map((id) => `(${String(id)})`).join(', ')}`)

/** How often each delivery has been made, by its id, and nothing of those that have not. */
export async function delivered({ query }: Subject): Promise<ReadonlyMap<number, number>> {
  const rows = await query('select delivery_id, count(*) as times from delivered group by delivery_id')
  return new Map(rows.map((row) => [Number(row['delivery_id']), Number(row['times'])]))
}

export async function statuses({ query }: Subject): Promise<Record<string, number>> {
  const rows = await query('select status, count(*) as number from deliveries group by status')
  return Object.fromEntries(rows.map((row) => [String(row['status']), Number(row['number'])]))
}

/** What a run counted, without what is 0. */
export const counted = (counts: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0))
