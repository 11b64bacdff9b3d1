import { checkBounds, checkStrategy, refuseUnknownKeys } from './check-config.ts'
import type { CheckedConfig } from './config.ts'
import { RefusedValue } from './dialects/codec.ts'
import type { Dialect } from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import { NAMES } from './names.ts'
import { PLAIN_SHAPE, shapeOf } from './statements.ts'
import type { Shape } from './statements.ts'
import type { SqlValue } from './sql.ts'
import { lengthOf } from './dialects/values.ts'
import type { Table, TypedColumn } from './table.ts'
import type { GivenOptions, RawOptions } from './options.ts'

export const CLAIM_OPTIONS = [
  'strategy',
  'expect',
  'paymentId',
  'set',
  'read',
  'effect',
  'transaction',
  'timeoutMs',
  'lockTimeoutMs',
  'retries',
  'resolveTimeoutMs',
  'signal',
]

export const RESOLVE_OPTIONS = ['effect', 'read', 'transaction', 'timeoutMs', 'lockTimeoutMs', 'signal']
export const LEASE_OPTIONS = [
  'leaseMs',
  'work',
  'maxAttempts',
  'takeover',
  'isRetryable',
  'workTimeoutMs',
  'idempotencyKey',
  ...CLAIM_OPTIONS.filter((option) => option !== 'strategy' && option !== 'transaction'),
]
export const RESET_OPTIONS = ['transaction', 'timeoutMs', 'lockTimeoutMs', 'retries', 'signal']
export const MOVE_OPTIONS = ['expect', 'set', 'read', 'effect', ...RESET_OPTIONS]

const refuse = (message: string): ClaimError => new ClaimError('CLAIM_INPUT', message)

/** Options of any kind of call; an effect is looked at no closer than whether it is one. */
type CheckedOptions = Omit<RawOptions, 'effect'> & { readonly effect?: unknown }

/** What can be checked of a call without the table. Throws `CLAIM_INPUT`. */
export function checkOptions(options: CheckedOptions, config: CheckedConfig, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw refuse('The options are not an object.')
  refuseUnknownKeys(options, known, 'The call', refuse)
  checkBounds(options, refuse)
  if (options.strategy !== undefined) checkStrategy(options.strategy, config.version !== null, refuse)
  const { effect, transaction, read, paymentId } = options
  if (effect !== undefined && typeof effect !== 'function') throw refuse('effect is not a function.')
  if (effect !== undefined && transaction !== undefined) {
    throw refuse('effect and transaction exclude each other: in your own transaction, do the work after the claim.')
  }
  if (read !== undefined && !Array.isArray(read)) throw refuse('read is not an array of column names.')
  if (read !== undefined && effect === undefined && !known.includes('work'))
    throw refuse('read is for the effect, and there is none.')
  if (Object.hasOwn(options, 'paymentId') && paymentId === undefined) {
    throw refuse('paymentId is undefined. Leave it out where the gateway gives none.')
  }
  if (paymentId !== undefined && config.paymentId === null) {
    throw refuse('paymentId is given, but columns.paymentId is not configured: it would be lost.')
  }
}

/** A wait for a lock is a part of the call. Not of a question what became of one, which cuts it. Throws `CLAIM_INPUT`. */
export function checkLockTime(options: CheckedOptions, config: CheckedConfig): void {
  const lockTimeoutMs = options.lockTimeoutMs ?? config.lockTimeoutMs
  const timeoutMs = options.timeoutMs ?? config.timeoutMs
  if (typeof lockTimeoutMs === 'number' && lockTimeoutMs >= timeoutMs) {
    throw refuse(
      `lockTimeoutMs (${lockTimeoutMs}) must be smaller than timeoutMs (${timeoutMs}), which it is a part of.`,
    )
  }
}

/** Adds the id's parameters to the values; `false` where no row of the table can have it. Throws `CLAIM_INPUT`. */
export function bindId(orderId: unknown, config: CheckedConfig, table: Table, values: Map<string, SqlValue>): boolean {
  const parts = config.composite ? partsOf(orderId, config.id) : [orderId]
  for (const [index, column] of table.id.entries()) {
    const part = parts[index]
    if (part === null || part === undefined) throw refuse(`The order's id ("${column.name}") is ${String(part)}.`)
    const value = encode(column, part, `The order's id ("${column.name}")`)
    if (value === undefined) return false
    values.set(NAMES.id(index), value)
  }
  return true
}

function partsOf(orderId: unknown, columns: readonly string[]): unknown[] {
  if (typeof orderId !== 'object' || orderId === null || Array.isArray(orderId)) {
    throw refuse(`The order's id is not an object. It is composite: { ${columns.join(', ')} }.`)
  }
  refuseUnknownKeys(orderId, columns, "The order's id", refuse)
  const parts = new Map<string, unknown>(Object.entries(orderId))
  return columns.map((column) => parts.get(column))
}

/** What the options of a call put into its statements: what shapes them, and the values. */
export interface BoundOptions {
  readonly shape: Shape
  readonly values: ReadonlyMap<string, SqlValue>
}

const NOTHING: BoundOptions = { shape: PLAIN_SHAPE, values: new Map() }

/** Everything of a call that goes into statements, but its id. Throws `CLAIM_INPUT`. */
export function bindOptions(options: GivenOptions, table: Table, dialect: Dialect): BoundOptions {
  const { expect: expectation, set: setting, read, paymentId } = options
  if (expectation === undefined && setting === undefined && read === undefined && paymentId === undefined) {
    return NOTHING
  }
  const values = new Map<string, SqlValue>()
  const given = (object: object | undefined, what: string): [string, unknown][] =>
    Object.entries(object ?? {}).map(([name, value]): [string, unknown] => {
      // A field that the notice does not have must not take the condition with it.
      if (value === undefined) throw refuse(`${what}.${name} is undefined. Leave it out, or give null for NULL.`)
      return [name, value]
    })

  const expected = given(expectation, 'expect')
  for (const [name, value] of expected) {
    const column = table.comparable(name)
    if (column === undefined) throw refuse(`expect names "${name}": ${whyNotComparable(table, name)}.`)
    values.set(NAMES.expect(name), value === null ? null : encodeOrRefuse(column, value, `expect.${name}`))
  }

  const set = given(setting, 'set')
  const { version, token, claimedAt, leaseUntil, dueAt, attempts, lastError, result } = table
  const own = [version, token, claimedAt, table.paymentId, leaseUntil, dueAt, attempts, lastError, result, table.status]
    .filter((column) => column !== null)
    .concat(table.id as [])
    .map((column) => column.description.name)
  for (const [name, value] of set) {
    const column = table.column(name)
    if (column === undefined)
      throw refuse(`set names "${name}", a column that ${table.label.toLowerCase()} does not have.`)
    if (own.includes(column.description.name))
      throw refuse(`set names "${name}", which the claim itself writes or compares.`)
    values.set(
      NAMES.set(name),
      refusing(() => dialect.setValue(value, column.description), `set.${name}`),
    )
  }

  const missing = (read ?? []).find((name) => table.column(name) === undefined)
  if (missing !== undefined)
    throw refuse(`read names "${missing}", a column that ${table.label.toLowerCase()} does not have.`)

  if (paymentId !== undefined && table.paymentId !== null) {
    values.set(NAMES.paymentId, encodePaymentId(table.paymentId, paymentId))
  }
  return {
    shape: shapeOf({
      set: set.map(([name]) => name),
      expect: expected.map(([name]) => name),
      read: read ?? [],
      paymentId: paymentId !== undefined,
      own: false,
    }),
    values,
  }
}

const whyNotComparable = (table: Table, name: string): string => {
  const type = table.column(name)?.description.type
  return type === undefined ? `there is no such column` : `a column of type ${type} has no values to compare exactly`
}

/** One that is not kept as it was given would look like another payment ever after. */
function encodePaymentId(column: TypedColumn, paymentId: string | number | bigint): SqlValue {
  const { maxLength, characterSet } = column.description
  const text = String(paymentId)
  if (text === '' || text !== text.trim())
    throw refuse(`paymentId is ${JSON.stringify(text)}: empty, or with blanks around.`)
  if (maxLength !== null && lengthOf(text) > maxLength) {
    throw refuse(`paymentId has ${lengthOf(text)} characters; the column "${column.name}" holds ${maxLength}.`)
  }
  if (characterSet !== null && !characterSet.startsWith('utf8') && !isAscii(text)) {
    throw refuse(
      `paymentId is ${JSON.stringify(text)}, which "${column.name}" in ${characterSet} may not hold as it is.`,
    )
  }
  return encodeOrRefuse(column, paymentId, 'paymentId')
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length

function encodeOrRefuse(column: TypedColumn, value: unknown, what: string): SqlValue {
  const encoded = encode(column, value, what)
  if (encoded === undefined)
    throw refuse(`${what} is ${JSON.stringify(String(value))}, which is no ${column.codec.kind}.`)
  return encoded
}

const encode = (column: TypedColumn, value: unknown, what: string): SqlValue | undefined =>
  refusing(() => column.codec.encode(value), what)

function refusing<T>(encode: () => T, what: string): T {
  try {
    return encode()
  } catch (error) {
    if (error instanceof RefusedValue) throw refuse(`${what} ${error.message}.`)
    throw error
  }
}
