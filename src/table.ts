import type { Reply, ResolvedNames } from './adapters/adapter.ts'
import type { CheckedConfig } from './config.ts'
import type {
  ClockCodec,
  Codec,
  ColumnDescription,
  Dialect,
  ServerTraits,
  TableDescription,
  TableName,
  VersionCodec,
} from './dialects/dialect.ts'
import { RefusedValue } from './dialects/dialect.ts'
import { lengthOf } from './dialects/values.ts'
import { ClaimError } from './errors.ts'
import type { State } from './outcome.ts'
import { fixed } from './sql.ts'
import type { SqlValue, Statement, Template } from './sql.ts'

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
  readonly states: { readonly waiting: SqlValue; readonly claimed: SqlValue }
  /** Reads the status column's text back as the state that the configuration writes. */
  readonly state: (text: string | null) => State | null
  /** Any column, by the name the user gave. `undefined`: there is none. */
  column(name: string): Column | undefined
  /** One that can be compared exactly. */
  comparable(name: string): TypedColumn | undefined
}

/** `shop.orders` → schema and name. */
export function splitName(table: string): TableName {
  const dot = table.indexOf('.')
  return dot < 0 ? { schema: null, name: table } : { schema: table.slice(0, dot), name: table.slice(dot + 1) }
}

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
  const token =
    config.token === null
      ? null
      : clearable(typed(config.token, 'token', dialect.codec, 'char(36), a uuid, or binary(16)'), 'token')
  if (token !== null) requireRoomForToken(label, token)
  const claimedAt =
    config.claimedAt === null
      ? null
      : typed(config.claimedAt, 'claimedAt', dialect.clockCodec, 'a date and time, or an integer of seconds')
  const paymentId =
    config.paymentId === null
      ? null
      : clearable(typed(config.paymentId, 'paymentId', dialect.codec, 'text, or an integer'), 'paymentId')

  const states = [config.states.waiting, config.states.claimed, ...config.states.afterClaimed]
  const bound = states.map((state) => bindState(label, status, state))
  const asText = new Map(states.map((state) => [String(state), state]))
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
    claimedAt,
    paymentId,
    states: { waiting: bound[0] ?? null, claimed: bound[1] ?? null },
    state(text: string | null) {
      if (text === null) return null
      return asText.get(text) ?? (status.codec.kind === 'integer' ? Number(text) : text)
    },
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

/** A state that the column cannot hold would be cut or emptied without a word under `sql_mode = ''`. */
function bindState(label: string, status: TypedColumn, state: State): SqlValue {
  const { description, codec } = status
  const refused = (why: string): ClaimError =>
    fail(
      `${label}: states holds ${JSON.stringify(state)}, but the column "${status.name}" of type ${description.type} ${why}.`,
    )
  if (codec.kind === 'text' && typeof state === 'number') throw refused('holds text: write the state as a string')
  if (codec.kind === 'integer' && typeof state === 'string')
    throw refused('holds integers: write the state as a number')
  if (codec.kind !== 'text' && codec.kind !== 'integer') throw refused('holds neither text nor integers')
  if (description.members !== null && !description.members.includes(String(state)))
    throw refused(`knows only: ${description.members.join(', ')}`)
  if (description.maxLength !== null && lengthOf(String(state)) > description.maxLength)
    throw refused('is too short for it')
  try {
    const value = codec.encode(state)
    if (value !== undefined) return value
  } catch (error) {
    if (!(error instanceof RefusedValue)) throw error
  }
  throw refused('cannot hold it')
}

/** The questions to the server whether two states are one under the column's collation, with the answer to refuse. */
export function* stateQuestions(
  config: CheckedConfig,
  table: Table,
  dialect: Dialect,
): Generator<Statement, void, Reply> {
  const { waiting, claimed, afterClaimed } = config.states
  const states = [waiting, claimed, ...afterClaimed]
  for (const [index, first] of states.entries()) {
    for (const second of states.slice(index + 1)) {
      const values = [first, second].map((state) => bindState(table.label, table.status, state))
      const answer = yield dialect.sameState(table.status.description, values[0] ?? null, values[1] ?? null)
      const same = Number(answer.rows[0]?.['same']) === 1
      if (same || first === second) {
        throw fail(
          `${table.label}: the states ${JSON.stringify(first)} and ${JSON.stringify(second)} are the same to the column ` +
            `"${table.status.name}" (${table.status.description.collation ?? table.status.description.type}). States must differ.`,
        )
      }
    }
  }
}
