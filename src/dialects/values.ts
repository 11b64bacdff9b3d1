import type { SqlValue } from '../sql.ts'
import { RefusedValue } from './codec.ts'

const INTEGER = /^(?:0|-?[1-9]\d{0,19})$/
const DECIMAL = /^-?\d{1,35}(?:\.\d{1,30})?$/
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/
const DATE_TIME = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?)?$/

/** `a string`, `an array`, `NaN`: what a refusal calls the value. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Date) return 'a Date'
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean' || typeof value === 'bigint') return `the ${typeof value} ${value}`
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}

/** Numbers beyond 2^53 were rounded before they came here: they name another order. */
function exactNumber(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'number') return undefined
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value)
  throw new RefusedValue(`is ${describeValue(value)}, which JavaScript cannot hold exactly. Pass a string or a bigint`)
}

/** A value out of a row as text; whatever is no scalar is none of ours. */
export function asText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return Buffer.isBuffer(value) ? value.toString() : null
}

/** A condition that was selected. Numbers come as numbers, bigints or text, by driver and expression. */
export const isTrue = (value: unknown): boolean => value === true || asText(value) === '1'

/** The length as databases count it, in code points. */
export const lengthOf = (text: string): number => Array.from(text).length

/** The one way to write an integer, so that `'01'`, `' 1'`, `'1e0'` and `'1abc'` are nobody's id. */
export function encodeInteger(value: unknown): SqlValue | undefined {
  const number = exactNumber(value)
  if (number !== undefined) return number
  if (typeof value !== 'string') throw new RefusedValue(`is ${describeValue(value)}, where an integer is needed`)
  return INTEGER.test(value) ? value : undefined
}

/** Lone surrogates are refused: they all turn into U+FFFD on the wire, so that different strings would be one. */
export function encodeText(value: unknown): SqlValue | undefined {
  const number = exactNumber(value)
  if (number !== undefined) return number
  if (typeof value !== 'string') throw new RefusedValue(`is ${describeValue(value)}, where text is needed`)
  return value.isWellFormed() ? value : undefined
}

/** Decimals are strings: a float has no exact cents. */
export function encodeDecimal(value: unknown): SqlValue | undefined {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new RefusedValue(`is ${describeValue(value)}. Pass a decimal as a string: '42.50'`)
  }
  const number = exactNumber(value)
  if (number !== undefined) return number
  if (typeof value !== 'string') throw new RefusedValue(`is ${describeValue(value)}, where a decimal is needed`)
  return DECIMAL.test(value) ? value : undefined
}

/** A `Date` is refused: which wall clock it means depends on the driver's and the session's time zones. */
export function encodeDateTime(value: unknown): SqlValue | undefined {
  if (typeof value !== 'string') {
    throw new RefusedValue(`is ${describeValue(value)}. Pass what the column holds: 'YYYY-MM-DD hh:mm:ss'`)
  }
  return DATE_TIME.test(value) ? value.replace('T', ' ') : undefined
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

/** The canonical text of a uuid, from text in either case or from its 16 bytes. */
export function encodeUuid(value: unknown): SqlValue | undefined {
  if (isBytes(value)) {
    if (value.length !== 16) return undefined
    return Buffer.from(value)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
  if (typeof value !== 'string') throw new RefusedValue(`is ${describeValue(value)}, where a uuid is needed`)
  const text = value.toLowerCase()
  return UUID.test(text) ? text : undefined
}

/** Bytes as they are; 16 of them also from the text of a uuid, in the order in which it is written. */
export function encodeBytes(value: unknown, length: number | null): SqlValue | undefined {
  if (isBytes(value)) return length === null || value.length === length ? Buffer.from(value) : undefined
  if (length === 16 && typeof value === 'string') {
    const text = encodeUuid(value)
    return typeof text === 'string' ? Buffer.from(text.replaceAll('-', ''), 'hex') : undefined
  }
  throw new RefusedValue(`is ${describeValue(value)}, where a Buffer is needed`)
}

/** What a Windows code page of one byte a character can hold, by its number. */
export function charactersOfPage(page: string): ReadonlySet<string> {
  const known = PAGES.get(page)
  if (known !== undefined) return known
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const characters = new Set(new TextDecoder(`windows-${page}`).decode(bytes))
  PAGES.set(page, characters)
  return characters
}

const PAGES = new Map<string, ReadonlySet<string>>()
