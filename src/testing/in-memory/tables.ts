import { describeValue } from '../../dialects/values.ts'
import type { ColumnValue, UntypedTables } from '../../adapters/adapter.ts'

/** What a row of an in-memory table may hold: what SQLite knows. Decimals and times are strings. */
export type Cell = string | number | bigint | Uint8Array | null

export type Cells = Readonly<Record<string, Cell>>

/** One table: its rows say which columns it has. */
export interface MemoryTable {
  /** The column, or the columns, of its unique key. */
  readonly key: string | readonly string[]
  /** The rows it begins with. A column that a row does not name is NULL there. */
  readonly rows: readonly Cells[]
  /**
   * The types of columns, as SQLite writes them: of those that no row has a value for, or that are to be more than their
   * values tell (`decimal(12, 2)`). Default: `integer`, `real`, `text` or `blob`, by the values; `text` for none.
   */
  readonly types?: Readonly<Record<string, string>>
}

/** Of `'Wait'` nothing is known, when it is read again, but that it is a string. */
type Widened<Value> = [Value] extends [null]
  ? ColumnValue
  : Value extends string
    ? string
    : Value extends number
      ? number
      : Value extends bigint
        ? bigint
        : Value

/** The columns that any of the rows has. */
type ColumnsOf<Row> = Row extends unknown ? keyof Row & string : never

type ReadRow<Row, Typed> = {
  readonly [Column in ColumnsOf<Row> | (keyof Typed & string)]: Widened<
    Row extends { readonly [Name in Column]: infer Value } ? Value : null
  >
}

type TypesOf<Table> = Table extends { readonly types: infer Types } ? Types : unknown

/** The tables of `inMemory`: known by their rows; where they were made by SQL text, any table with any column. */
export type MemoryTables<Source> = Source extends string
  ? UntypedTables
  : {
      readonly [Table in keyof Source]: Source[Table] extends { readonly rows: readonly (infer Row)[] }
        ? ReadRow<Row, TypesOf<Source[Table]>>
        : never
    }

/** `create table` and the rows of each table, as statements with their values. */
export function* fill(tables: Readonly<Record<string, MemoryTable>>): Generator<readonly [string, readonly Cell[]]> {
  for (const [table, { key, rows, types = {} }] of Object.entries(tables)) {
    const columns = [...new Set([...rows.flatMap((row) => Object.keys(row)), ...Object.keys(types)])]
    const keys = typeof key === 'string' ? [key] : key
    const missing = keys.find((column) => !columns.includes(column))
    if (missing !== undefined || keys.length === 0) {
      throw new TypeError(`The table "${table}" has no column "${missing ?? ''}", which is to be its key.`)
    }
    const declared = columns.map((column) => `${quote(column)} ${types[column] ?? typeOf(table, column, rows)}`)
    yield [
      `create table ${quote(table)} (${[...declared, `primary key (${keys.map(quote).join(', ')})`].join(', ')})`,
      [],
    ]
    for (const row of rows) {
      const marks = columns.map(() => '?').join(', ')
      yield [`insert into ${quote(table)} values (${marks})`, columns.map((column) => row[column] ?? null)]
    }
  }
}

export const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

function typeOf(table: string, column: string, rows: readonly Cells[]): string {
  const found = new Set(rows.map((row) => typeOfCell(row[column] ?? null, table, column)))
  found.delete(null)
  if (found.size === 2 && found.has('integer') && found.has('real')) return 'real'
  if (found.size > 1) {
    throw new TypeError(
      `The column "${column}" of "${table}" holds ${[...found].join(' and ')}. Give its type in types.`,
    )
  }
  return [...found][0] ?? 'text'
}

function typeOfCell(value: unknown, table: string, column: string): 'integer' | 'real' | 'text' | 'blob' | null {
  if (value === null) return null
  if (typeof value === 'string') return 'text'
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'number' && Number.isFinite(value)) return Number.isInteger(value) ? 'integer' : 'real'
  if (value instanceof Uint8Array) return 'blob'
  throw new TypeError(
    `The column "${column}" of "${table}" holds ${describeValue(value)}, which SQLite does not know. ` +
      'It takes strings, numbers, bigints, bytes and null.',
  )
}
