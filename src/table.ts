import type { ResolvedNames } from './adapters/adapter.ts'
import type { CheckedConfig } from './config.ts'
import type { ClockCodec, Codec, LeaseCodec, VersionCodec } from './dialects/codec.ts'
import type { ColumnDescription, Dialect, ServerTraits, TableDescription, TableName } from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import type { State } from './outcome.ts'
import type { SqlValue, Template } from './sql.ts'
import { bindStates } from './states.ts'
import { TableColumns } from './table-columns.ts'
import type { StateName } from './transitions.ts'

/** A column of the user's table: its name as the user gave it, and how it is written in SQL. */
export interface Column {
  readonly name: string
  readonly sql: Template
  readonly description: ColumnDescription
}

/** The same, with the way to bind, compare and read it. */
export interface TypedColumn<C = Codec> extends Column {
  readonly codec: C
}

/** The user's table as claims see it: configuration and description brought together, and found to fit. */
export interface Table {
  /** As messages call it. */
  readonly label: string
  readonly sql: Template
  readonly server: ServerTraits
  readonly id: readonly TypedColumn[]
  readonly status: TypedColumn
  readonly version: TypedColumn<VersionCodec> | null
  readonly token: TypedColumn | null
  readonly claimedAt: TypedColumn<ClockCodec> | null
  readonly paymentId: TypedColumn | null
  readonly leaseUntil: TypedColumn<LeaseCodec> | null
  readonly dueAt: TypedColumn<LeaseCodec> | null
  readonly attempts: TypedColumn | null
  readonly lastError: TypedColumn | null
  readonly result: TypedColumn | null
  /** As parameters; `closed` are those that an order can be moved to. */
  readonly states: Readonly<Record<Exclude<StateName, 'closed'>, SqlValue>>
  readonly closed: ReadonlyMap<State, SqlValue>
  /** Reads the status column's text back as the state that the configuration writes. */
  readonly state: (text: string | null) => State | null
  /** Any column, by the name the user gave. `undefined`: there is none. */
  column(name: string): Column | undefined
  /** One that can be compared exactly. */
  comparable(name: string): TypedColumn | undefined
}

/** A column of a call, whose names were checked when it was bound. */
export function columnOf(table: Table, name: string): Column {
  const column = table.column(name)
  if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
  return column
}

/** `shop.orders` → schema and name. */
export function splitName(table: string): TableName {
  const dot = table.indexOf('.')
  return dot < 0 ? { schema: null, name: table } : { schema: table.slice(0, dot), name: table.slice(dot + 1) }
}

/** The columns that a configuration may leave out. */
type OptionalColumn = 'token' | 'claimedAt' | 'paymentId' | 'leaseUntil' | 'dueAt' | 'attempts' | 'lastError' | 'result'

export type Resolve = ((table: string, columns: readonly string[]) => ResolvedNames) | undefined

/** The real name of the table, after what the user's library makes of it. */
export function realTableName(table: string, dialect: Dialect, resolve: Resolve): TableName {
  if (resolve === undefined) return (dialect.splitName ?? splitName)(table)
  const resolved = resolve(table, [])
  return { schema: resolved.schema ?? null, name: resolved.table }
}

const fail = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

/** Brings configuration and description together. Throws `CLAIM_CONFIG` with what to do. */
export function fitTable(
  config: CheckedConfig,
  description: TableDescription,
  dialect: Dialect,
  resolve: Resolve,
): Table {
  const columns = new TableColumns(config.table, description, dialect, resolve)
  const { label } = columns
  const id = config.id.map((name) => columns.key(name, 'id'))
  requireUniqueKey(label, id, description)
  const status = columns.typed(config.status, 'status', dialect.codec, 'text, an enum, or an integer')
  const version =
    config.version === null
      ? null
      : columns.typed(config.version, 'version', dialect.versionCodec, dialect.versionTypes)
  const optional = <C>(
    purpose: OptionalColumn,
    codecOf: (column: ColumnDescription) => C | null,
    types: string,
  ): TypedColumn<C> | null => {
    const name = config[purpose]
    return name === null ? null : columns.typed(name, purpose, codecOf, types)
  }
  const emptied = <C extends { readonly kind: string }>(
    purpose: OptionalColumn,
    codecOf: (column: ColumnDescription) => C | null,
    types: string,
  ): TypedColumn<C> | null => {
    const found = optional(purpose, codecOf, types)
    return found && columns.clearable(found, purpose)
  }
  const token = emptied('token', dialect.codec, 'char(36), a uuid, or binary(16)')
  if (token !== null) columns.requireRoomForToken(token)

  const { states, closed, read } = bindStates(label, status, config.states)
  return Object.freeze({
    label,
    sql: columns.sql,
    server: description.server,
    id,
    status,
    version,
    token,
    claimedAt: optional('claimedAt', dialect.clockCodec, 'a date and time, or an integer of seconds'),
    paymentId: emptied('paymentId', dialect.codec, 'text, or an integer'),
    leaseUntil: optional('leaseUntil', dialect.leaseCodec, dialect.leaseTypes),
    dueAt: emptied('dueAt', dialect.leaseCodec, dialect.leaseTypes),
    attempts: optional('attempts', columns.ofKind('integer'), 'an integer'),
    lastError: emptied('lastError', columns.ofKind('text'), 'text'),
    result: emptied('result', columns.ofKind('text'), 'text'),
    states,
    closed,
    state: read,
    column: (name: string) => columns.column(name),
    comparable: (name: string) => columns.comparable(name),
  })
}

/** Without a unique key two rows could be one order, and without its index the claim would lock the whole table. */
function requireUniqueKey(label: string, id: readonly Column[], description: TableDescription): void {
  const named = id.map((column) => column.description.name.toLowerCase())
  if (description.uniqueKeys.some((key) => key.every((column) => named.includes(column)))) return
  const names = id.map((column) => `"${column.name}"`).join(', ')
  throw fail(
    `${label}: columns.id is ${names}, which is no unique key of the table. Add a unique key, or name the columns of one.`,
  )
}
