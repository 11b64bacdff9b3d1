import type { Adapter, Reply } from '../adapters/adapter.ts'
import type { ClockCodec, LeaseCodec } from '../dialects/codec.ts'
import type { TableDescription } from '../dialects/dialect.ts'
import { ClaimError } from '../errors.ts'
import type { State } from '../outcome.ts'
import type { SqlValue, Statement } from '../sql.ts'
import { bindState, refuseSameStates } from '../states.ts'
import { TableColumns } from '../table-columns.ts'
import type { Table, TypedColumn } from '../table.ts'
import type { CheckedPoolConfig } from './check-pool-config.ts'
import { PoolChanges } from './pool-changes.ts'
import { PoolReads } from './pool-reads.ts'

/** The user's table of items as a pool sees it. */
export interface PoolTable extends Pick<Table, 'label' | 'sql' | 'server' | 'column' | 'comparable'> {
  readonly id: TypedColumn
  readonly status: TypedColumn
  readonly owner: TypedColumn
  readonly slot: TypedColumn
  readonly scope: TypedColumn | null
  readonly takenAt: TypedColumn<ClockCodec> | null
  readonly token: TypedColumn | null
  readonly reservedUntil: TypedColumn<LeaseCodec> | null
  /** `reserved` is NULL where there are no reservations. */
  readonly states: { readonly free: SqlValue; readonly taken: SqlValue; readonly reserved: SqlValue }
  /** Rows can be locked past those that others have locked. */
  readonly skipsLocked: boolean
  /** Names of columns that the pool itself writes or compares. */
  readonly own: readonly string[]
}

/** The table, described and found to fit, with its statements. */
export interface DescribedPool {
  readonly table: PoolTable
  readonly reads: PoolReads
  readonly changes: PoolChanges
}

const fail = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

/** Brings configuration and description together. Throws `CLAIM_CONFIG` with what to do. */
export const fitPool = (config: CheckedPoolConfig, { dialect, resolveNames }: Adapter<unknown, object>) =>
  function* (description: TableDescription): Generator<Statement, DescribedPool, Reply> {
    const columns = new TableColumns(config.table, description, dialect, resolveNames)
    const { label } = columns
    const id = columns.key(config.id, 'id')
    if (!description.uniqueKeys.some((key) => key.length === 1 && key[0] === id.description.name.toLowerCase())) {
      throw fail(
        `${label}: columns.id is "${config.id}", which is no unique key of the table. Name a column that is one.`,
      )
    }
    const status = columns.typed(config.status, 'status', dialect.codec, 'text, an enum, or an integer')
    const owner = columns.key(config.owner, 'owner')
    const slot = columns.typed(config.slot, 'slot', columns.ofKind('integer'), 'an integer')
    for (const [purpose, column] of [
      ['owner', owner],
      ['slot', slot],
    ] as const) {
      if (!column.description.nullable) {
        throw fail(
          `${label}: columns.${purpose} is "${column.name}", which is NOT NULL. A free item has none: allow NULL.`,
        )
      }
    }
    const scope = config.scope === null ? null : columns.key(config.scope, 'scope')
    requireOwnersKey(label, [scope, owner, slot], description)
    const takenAt =
      config.takenAt === null
        ? null
        : columns.typed(config.takenAt, 'takenAt', dialect.clockCodec, 'a date and time, or an integer of seconds')
    const token =
      config.token === null
        ? null
        : columns.clearable(
            columns.typed(config.token, 'token', dialect.codec, 'char(36), a uuid, or binary(16)'),
            'token',
          )
    if (token !== null) columns.requireRoomForToken(token)
    const reservedUntil =
      config.reservedUntil === null
        ? null
        : columns.typed(config.reservedUntil, 'reservedUntil', dialect.leaseCodec, dialect.leaseTypes)
    if (reservedUntil?.description.nullable === false) {
      throw fail(`${label}: columns.reservedUntil is "${reservedUntil.name}", which is NOT NULL. Allow NULL.`)
    }
    const { free, taken, reserved } = config.states
    const states: readonly State[] = [free, taken, ...(reserved === null ? [] : [reserved])]
    const bound = states.map((state) => bindState(label, status, state))
    yield* refuseSameStates(states, { label, status }, dialect)
    const table: PoolTable = Object.freeze({
      label,
      sql: columns.sql,
      server: description.server,
      id,
      status,
      owner,
      slot,
      scope,
      takenAt,
      token,
      reservedUntil,
      states: { free: bound[0] ?? null, taken: bound[1] ?? null, reserved: bound[2] ?? null },
      skipsLocked: dialect.skipsLocked(description.server),
      own: [id, status, owner, slot, scope, takenAt, token, reservedUntil].flatMap((column) =>
        column === null ? [] : [column.description.name],
      ),
      column: (name: string) => columns.column(name),
      comparable: (name: string) => columns.comparable(name),
    })
    return { table, reads: new PoolReads(table, dialect), changes: new PoolChanges(table, dialect) }
  }

/** By it two requests of one owner that race cannot both be given an item. On SQL Server NULLs collide, so it is filtered. */
function requireOwnersKey(
  label: string,
  key: readonly (TypedColumn | null)[],
  { uniqueKeys, filteredKeys }: TableDescription,
): void {
  const names = key.flatMap((column) => (column === null ? [] : [column.description.name.toLowerCase()]))
  const owner = key[1]?.description.name.toLowerCase() ?? ''
  const serves = (columns: readonly string[]): boolean =>
    columns.length === names.length && names.every((name) => columns.includes(name))
  const ofOwners = new RegExp(`^\\(*\\[?${owner.replaceAll(/\W/g, '\\$&')}\\]? is not null\\)*$`, 'i')
  if (uniqueKeys.some(serves)) return
  if (filteredKeys.some(({ columns, filter }) => serves(columns) && ofOwners.test(filter))) return
  throw fail(
    `${label} has no unique key over ${names.join(', ')}. Without it two requests of one owner could be given an item ` +
      `each. Add it: create unique index … on … (${names.join(', ')}), on SQL Server with "where ${owner} is not null".`,
  )
}
