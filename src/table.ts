import type { ResolvedNames } from './adapters/adapter.ts'
import type { CheckedConfig } from './config.ts'
import type {
  ClockCodec,
  Codec,
  ColumnDescription,
  Dialect,
  LeaseCodec,
  ServerTraits,
  TableDescription,
  TableName,
  VersionCodec,
} from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import type { State } from './outcome.ts'
import { fixed } from './sql.ts'
import type { SqlValue, Template } from './sql.ts'
import { bindStates } from './states.ts'
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
type OptionalColumn = 'token' | 'claimedAt' | 'paymentId' | 'leaseUntil' | 'attempts' | 'lastError' | 'result'

type Resolve = ((table: string, columns: readonly string[]) => ResolvedNames) | undefined

/** The real name of the table, after what the user's library makes of it. */
export function realTableName(config: CheckedConfig, dialect: Dialect, resolve: Resolve): TableName {
  if (resolve === undefined) return (dialect.splitName ?? splitName)(config.table)
  const resolved = resolve(config.table, [])
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
  const label = `Table "${config.table}"`
  if (description.unfit !== null) throw fail(`${label} ${description.unfit}.`)

  const column = (name: string): Column | undefined => {
    const real = resolve === undefined ? name : resolve(config.table, [name]).columns[0]
    const found = real === undefined ? undefined : description.columns.get(real.toLowerCase())
    return found && { name, sql: fixed(dialect.quote(found.name)), description: found }
  }
  const comparable = (name: string): TypedColumn | undefined => {
    const found = column(name)
    const codec = found && dialect.codec(found.description)
    return found && codec ? { ...found, codec } : undefined
  }
  const needed = (name: string, purpose: string): Column => {
    const found = column(name)
    if (found === undefined)
      throw fail(`${label} has no column "${name}", which is configured as columns.${purpose}. ${has(description)}`)
    return found
  }
  const typed = <C>(
    name: string,
    purpose: string,
    codecOf: (column: ColumnDescription) => C | null,
    types: string,
  ): TypedColumn<C> => {
    const found = needed(name, purpose)
    const codec = codecOf(found.description)
    if (codec === null) {
      throw fail(`${label}: columns.${purpose} is "${name}" of type ${found.description.type}. It must be ${types}.`)
    }
    return { ...found, codec }
  }
  const clearable = (found: TypedColumn, purpose: string): TypedColumn => {
    if (found.description.nullable || found.codec.kind === 'text') return found
    throw fail(
      `${label}: columns.${purpose} is "${found.name}", which is NOT NULL. An order that waits has none: allow NULL.`,
    )
  }

  const exactId = (column: ColumnDescription): Codec | null => {
    const codec = dialect.codec(column)
    return codec === null || codec.kind === 'decimal' || codec.kind === 'date or time' ? null : codec
  }
  const id = config.id.map((name) => typed(name, 'id', exactId, 'an integer, text, a uuid, or bytes'))
  requireUniqueKey(label, id, description)
  const status = typed(config.status, 'status', dialect.codec, 'text, an enum, or an integer')
  const version =
    config.version === null ? null : typed(config.version, 'version', dialect.versionCodec, dialect.versionTypes)
  const optional = <C>(
    purpose: OptionalColumn,
    codecOf: (column: ColumnDescription) => C | null,
    types: string,
  ): TypedColumn<C> | null => {
    const name = config[purpose]
    return name === null ? null : typed(name, purpose, codecOf, types)
  }
  const emptied = (purpose: OptionalColumn, codecOf: Dialect['codec'], types: string): TypedColumn | null => {
    const found = optional(purpose, codecOf, types)
    return found && clearable(found, purpose)
  }
  const ofKind =
    (kind: string) =>
    (described: ColumnDescription): Codec | null => {
      const codec = dialect.codec(described)
      return codec?.kind === kind && described.members === null ? codec : null
    }
  const token = emptied('token', dialect.codec, 'char(36), a uuid, or binary(16)')
  if (token !== null) requireRoomForToken(label, token)

  const { states, closed, read } = bindStates(label, status, config.states)
  return Object.freeze({
    label,
    sql: fixed(
      (description.table.schema === null ? '' : `${dialect.quote(description.table.schema)}.`) +
        dialect.quote(description.table.name),
    ),
    server: description.server,
    id,
    status,
    version,
    token,
    claimedAt: optional('claimedAt', dialect.clockCodec, 'a date and time, or an integer of seconds'),
    paymentId: emptied('paymentId', dialect.codec, 'text, or an integer'),
    leaseUntil: optional('leaseUntil', dialect.leaseCodec, dialect.leaseTypes),
    attempts: optional('attempts', ofKind('integer'), 'an integer'),
    lastError: emptied('lastError', ofKind('text'), 'text'),
    result: emptied('result', ofKind('text'), 'text'),
    states,
    closed,
    state: read,
    column,
    comparable,
  })
}

const has = (description: TableDescription): string =>
  `It has: ${[...description.columns.values()].map((column) => column.name).join(', ')}.`

/** Without a unique key two rows could be one order, and without its index the claim would lock the whole table. */
function requireUniqueKey(label: string, id: readonly Column[], description: TableDescription): void {
  const named = id.map((column) => column.description.name.toLowerCase())
  if (description.uniqueKeys.some((key) => key.every((column) => named.includes(column)))) return
  const names = id.map((column) => `"${column.name}"`).join(', ')
  throw fail(
    `${label}: columns.id is ${names}, which is no unique key of the table. Add a unique key, or name the columns of one.`,
  )
}

function requireRoomForToken(label: string, token: TypedColumn): void {
  const length = token.description.maxLength
  if (
    (token.codec.kind === 'text' && (length ?? 36) >= 36) ||
    token.codec.kind === 'uuid' ||
    token.codec.kind === '16 bytes'
  )
    return
  throw fail(
    `${label}: columns.token is "${token.name}" of type ${token.description.type}. It must be char(36), a uuid, or binary(16).`,
  )
}
