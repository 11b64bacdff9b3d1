import { randomUUID } from 'node:crypto'
import { checkBounds, refuseUnknownKeys } from '../check-config.ts'
import { RefusedValue } from '../dialects/codec.ts'
import { ClaimError } from '../errors.ts'
import type { SqlValue } from '../sql.ts'
import type { TypedColumn } from '../table.ts'
import { checkPickStrategy, MOST_AT_ONCE } from './check-pool-config.ts'
import type { CheckedPoolConfig } from './check-pool-config.ts'
import type { RawDrawOptions } from './pool-options.ts'
import { POOL_NAMES, poolShape } from './pool-names.ts'
import type { PoolShape } from './pool-names.ts'
import type { PoolTable } from './pool-table.ts'

export const DRAW_OPTIONS = [
  'scope',
  'count',
  'where',
  'reserveMs',
  'strategy',
  'read',
  'effect',
  'transaction',
  'timeoutMs',
  'lockTimeoutMs',
  'retries',
  'signal',
]
const SCOPED_BOUNDS = ['scope', 'timeoutMs', 'lockTimeoutMs', 'retries', 'signal']
export const CONFIRM_OPTIONS = [...SCOPED_BOUNDS, 'read', 'effect', 'transaction']
export const RELEASE_OPTIONS = [...SCOPED_BOUNDS, 'transaction']
export const EXPIRE_OPTIONS = SCOPED_BOUNDS
export const REFILL_OPTIONS = [...SCOPED_BOUNDS, 'where']
export const COUNT_OPTIONS = ['scope', 'where', 'timeoutMs', 'signal']

const refuse = (message: string): ClaimError => new ClaimError('CLAIM_INPUT', message)

/** What can be checked of a call without the table. Throws `CLAIM_INPUT`. */
export function checkDrawOptions(options: RawDrawOptions, config: CheckedPoolConfig, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw refuse('The options are not an object.')
  refuseUnknownKeys(options, known, 'The call', refuse)
  checkBounds(options, refuse)
  const { count, strategy, effect, transaction, read, scope, where } = options
  if (strategy !== undefined) checkPickStrategy(strategy, refuse)
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= MOST_AT_ONCE)) {
    throw refuse(`count is ${count}. It is a whole number from 1 to ${MOST_AT_ONCE}.`)
  }
  checkReservation(options.reserveMs, config)
  if (effect !== undefined && typeof effect !== 'function') throw refuse('effect is not a function.')
  if (effect !== undefined && transaction !== undefined) {
    throw refuse('effect and transaction exclude each other: in your own transaction, do the work after the draw.')
  }
  if (read !== undefined && !Array.isArray(read)) throw refuse('read is not an array of column names.')
  if (where !== undefined && (typeof where !== 'object' || where === null || Array.isArray(where))) {
    throw refuse('where is not an object of columns and what they must hold.')
  }
  if (config.scope === null && scope !== undefined) {
    throw refuse('scope is given, but columns.scope is not configured.')
  }
  if (config.scope !== null && (scope === undefined || scope === null)) {
    throw refuse(`scope is ${String(scope)}. Say which: columns.scope is "${config.scope}".`)
  }
}

/** The longest time that every server can add to its clock in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1

function checkReservation(reserveMs: number | undefined, config: CheckedPoolConfig): void {
  if (reserveMs === undefined) return
  if (!(Number.isInteger(reserveMs) && reserveMs >= 1 && reserveMs <= LONGEST_MS)) {
    throw refuse(`reserveMs is ${reserveMs}. It is a whole number of milliseconds, 1 or more.`)
  }
  if (config.reservedUntil === null) {
    throw refuse('reserveMs is given, but states.reserved and columns.reservedUntil are not configured.')
  }
}

/** The owner as a parameter. Throws `CLAIM_INPUT`. */
export function bindOwner(owner: unknown, table: PoolTable): SqlValue {
  if (owner === null || owner === undefined) throw refuse(`The owner is ${String(owner)}.`)
  const { maxLength } = table.owner.description
  if (owner === '' || (typeof owner === 'string' && maxLength !== null && Array.from(owner).length > maxLength)) {
    throw refuse(`The owner ${JSON.stringify(owner)} is empty, or longer than "${table.owner.name}" holds.`)
  }
  return encoded(table.owner, owner, 'The owner')
}

/** Everything else of a call that goes into statements. Throws `CLAIM_INPUT`. */
export function bindDraw(
  options: RawDrawOptions,
  table: PoolTable,
): { readonly shape: PoolShape; readonly values: Map<string, SqlValue> } {
  const values = new Map<string, SqlValue>([
    [POOL_NAMES.free, table.states.free],
    [POOL_NAMES.taken, table.states.taken],
    [POOL_NAMES.reserved, table.states.reserved],
    [POOL_NAMES.reserveMs, options.reserveMs === undefined ? null : String(options.reserveMs)],
  ])
  if (table.scope !== null) values.set(POOL_NAMES.scope, encoded(table.scope, options.scope, 'scope'))
  const where = Object.entries(options.where ?? {})
  for (const [name, value] of where) {
    if (value === undefined) throw refuse(`where.${name} is undefined. Leave it out, or give null for NULL.`)
    const column = table.comparable(name)
    if (column === undefined) throw refuse(`where names "${name}", which is no column that can be compared exactly.`)
    if (table.own.includes(column.description.name))
      throw refuse(`where names "${name}", which the draw itself writes.`)
    values.set(POOL_NAMES.where(name), value === null ? null : encoded(column, value, `where.${name}`))
  }
  const missing = (options.read ?? []).find((name) => table.column(name) === undefined)
  if (missing !== undefined)
    throw refuse(`read names "${missing}", a column that ${table.label.toLowerCase()} does not have.`)
  if (options.read?.includes('slot') === true) throw refuse('read names "slot", which every item has anyway.')
  return {
    shape: poolShape(
      where.map(([name]) => name),
      options.read ?? [],
    ),
    values,
  }
}

/** By it a draw knows its own items again. */
export function bindNewToken(values: Map<string, SqlValue>, { token }: PoolTable): void {
  if (token !== null) values.set(POOL_NAMES.token, token.codec.encode(randomUUID()) ?? null)
}

function encoded(column: TypedColumn, value: unknown, what: string): SqlValue {
  try {
    const bound = column.codec.encode(value)
    if (bound !== undefined) return bound
  } catch (error) {
    if (error instanceof RefusedValue) throw refuse(`${what} ${error.message}.`)
    throw error
  }
  throw refuse(`${what} is ${JSON.stringify(String(value))}, which is no ${column.codec.kind}.`)
}
