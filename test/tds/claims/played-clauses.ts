import type { ColumnTypeName } from '../../support/tds/columns.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import type { TdsValue } from '../../support/tds/values.ts'
import type { ColumnName, PlayedRow } from './played-row.ts'

/** What clauses are judged by: the request with its parameters, and the server's clock. */
export interface Judged {
  readonly request: TdsRequest
  readonly now: number
}

/** What a read can tell beside the row. */
export interface Surroundings extends Judged {
  readonly transactions: number
  readonly implicit: boolean
  readonly readOnly: boolean
}

const unknown = (clause: string): Error => new Error(`The played shop does not know: ${clause}`)

export const parameterOf = ({ parameters }: TdsRequest, number: string | undefined): TdsValue =>
  parameters.find(({ name }) => name === `@${number}`)?.value ?? null

export const versionBytes = (version: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(version))
  return bytes
}

type Found = readonly (string | undefined)[]
const column = (name: string | undefined): ColumnName => name as ColumnName
const trimmed = (value: unknown): string => String(value).replace(/ +$/, '')

/** Each condition that the dialect writes, and whether the row meets it. NULL meets none. */
const CONDITIONS: readonly (readonly [RegExp, (row: PlayedRow, found: Found, judged: Judged) => boolean])[] = [
  // The collation: neither case nor trailing blanks count.
  [
    /^\[(\w+)\] = cast\(@(\d+) collate \w+ as n?(?:var)?char\(\w+\)\)$/,
    (row, [, name, at], { request }) =>
      trimmed(row[column(name)]).toLowerCase() === trimmed(parameterOf(request, at)).toLowerCase(),
  ],
  [
    /^(?:rtrim\()?cast\(\[(\w+)\] as nvarchar\(\w+\)\)\)? collate Latin1_General_BIN2 = @(\d+)$/,
    (row, [, name, at], { request }) => trimmed(row[column(name)]) === trimmed(parameterOf(request, at)),
  ],
  [
    /^datalength\((rtrim\()?cast\(\[(\w+)\] as nvarchar\(\w+\)\)\)? ?\)? = datalength\(@(\d+)\)$/,
    (row, [, padded, name, at], { request }) => {
      const value = String(row[column(name)])
      return (padded === undefined ? value : trimmed(value)).length === String(parameterOf(request, at)).length
    },
  ],
  [
    /^\[order_id\] = cast\(@(\d+) as int\)$/,
    (row, [, at], { request }) => String(row.order_id) === String(parameterOf(request, at)),
  ],
  [
    /^\[row_version\] = cast\(@(\d+) as varbinary\(8\)\)$/,
    (row, [, at], { request }) => {
      const wanted = parameterOf(request, at)
      return wanted instanceof Uint8Array && versionBytes(row.row_version).equals(wanted)
    },
  ],
  [/^\[lease_until\] <= sysutcdatetime\(\)$/, (row, _found, { now }) => (row.lease_until ?? Infinity) <= now],
  [
    /^\(\[amount\] = cast\(@(\d+) as decimal\(38, \d+\)\)\s+or \[amount\] is null and @\1 is null\)$/,
    (row, [, at], { request }) => Number(row.amount) === Number(parameterOf(request, at)),
  ],
  // A guard that guards nothing.
  [/^@(\d+) = @\1$/, () => true],
]

/** The conditions that a statement has; one that is missing guards nothing. */
export function conditionsHold(row: PlayedRow, where: string, judged: Judged): boolean {
  return where.split(/\n\s+and /).every((condition) => {
    for (const [pattern, holds] of CONDITIONS) {
      const found = pattern.exec(condition)
      if (found === null) continue
      const [, name = ''] = found
      return row[column(name)] !== null && holds(row, found, judged)
    }
    throw unknown(condition)
  })
}

/** The row as the assignments of an update leave it. */
export function assigned(row: PlayedRow, assignments: string, judged: Judged): PlayedRow {
  const changes = assignments.split(/,\n\s+/).map((assignment): [string, TdsValue] => {
    const [, name = '', expression = ''] = /^\[(\w+)\] = ([^]+)$/.exec(assignment) ?? []
    if (!(name in row)) throw unknown(assignment)
    return [name, written(expression, row, judged)]
  })
  return { ...row, ...(Object.fromEntries(changes) as Partial<PlayedRow>), row_version: row.row_version + 1 }
}

function written(expression: string, row: PlayedRow, { request, now }: Judged): TdsValue {
  const [, parameter, ms] =
    /^@(\d+)$|^dateadd\(millisecond, cast\(@(\d+) as int\), sysutcdatetime\(\)\)$/.exec(expression) ?? []
  if (parameter !== undefined) return parameterOf(request, parameter)
  if (ms !== undefined) return now + Number(parameterOf(request, ms))
  switch (expression) {
    case 'sysutcdatetime()':
      return now
    case 'coalesce([attempts], 0) + 1':
      return (row.attempts ?? 0) + 1
    case '0':
      return 0
    case 'null':
      return null
    default:
      throw unknown(expression)
  }
}

type Cell = readonly [ColumnTypeName, TdsValue]

const text = (value: string | number | null): Cell => ['nvarchar(4000)', value === null ? null : String(value)]
const wholeMs = (ms: number | null): bigint | null => (ms === null ? null : BigInt(Math.floor(ms)))
const truth = (holds: boolean): Cell => ['int', holds ? 1 : 0]

/** Each expression that the dialect reads. */
const EXPRESSIONS: readonly (readonly [RegExp, (row: PlayedRow, found: Found, around: Surroundings) => Cell])[] = [
  [/^(?:rtrim\()?cast\(\[(\w+)\] as n?varchar\(\w+\)\)\)?$/, (row, [, name]) => text(row[column(name)])],
  [/^cast\(cast\(\[(amount)\] as decimal\(12, 2\)\) as varchar\(41\)\)$/, (row) => text(row.amount)],
  [/^\[(amount)\]$/, ({ amount }) => ['decimal(12,2)', amount]],
  [
    /^cast\(\[row_version\] as varbinary\(8\)\)$/,
    ({ row_version: version }) => ['varbinary(8)', versionBytes(version)],
  ],
  [
    /^datediff_big\(millisecond, cast\('1970-01-01' as datetime2\(7\)\), \[claimed_at\]\)$/,
    (row) => ['bigint', wholeMs(row.claimed_at)],
  ],
  [
    /^datediff_big\(millisecond, sysutcdatetime\(\), \[lease_until\]\)$/,
    // It counts the milliseconds that begin in between.
    ({ lease_until: until }, _found, { now }) => [
      'bigint',
      until === null ? null : BigInt(Math.floor(until) - Math.floor(now)),
    ],
  ],
  [/^@@trancount$/, (_row, _found, { transactions }) => ['int', transactions]],
  [/^case when @@options & 2 = 0 then 1 else 0 end$/, (_row, _found, { implicit }) => truth(!implicit)],
  [/^case when databasepropertyex\([^]* then 1 else 0 end$/, (_row, _found, { readOnly }) => truth(readOnly)],
  [
    /^case when ([^]+) then 1 else 0 end$/,
    (row, [, conditions = ''], around) => truth(conditionsHold(row, conditions, around)),
  ],
]

/** The columns that a read names, with their types and values. */
export function selected(row: PlayedRow, list: string, around: Surroundings): readonly (readonly [string, Cell])[] {
  return list.split(/,\n {7}(?=\S)/).map((item) => {
    const [, expression = '', name = ''] = /^([^]+) as \[?(\w+)\]?$/.exec(item) ?? []
    for (const [pattern, cellOf] of EXPRESSIONS) {
      const found = pattern.exec(expression)
      if (found !== null) return [name, cellOf(row, found, around)]
    }
    throw unknown(item)
  })
}
