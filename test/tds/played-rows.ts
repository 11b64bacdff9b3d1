import Database from 'better-sqlite3'
import type { TdsRequest } from '../support/tds/requests.ts'

export type PlayedRecord = Readonly<Record<string, string | number | bigint | null>>
/** As the table is, and as it was committed. */
export type AsOf = 'current' | 'committed'

/**
 * The rows of a played table. SQLite evaluates what the statements say of them; which sessions hold which rows is not its
 * business.
 */
export class PlayedRows {
  readonly database = new Database(':memory:')
  readonly #key: string

  /** @param columns in SQLite's own words; `key` is one of them, an integer */
  constructor(key: string, columns: string) {
    this.#key = key
    for (const name of ['current', 'committed']) this.database.exec(`create table ${name} (${columns})`)
  }

  add(row: PlayedRecord): void {
    this.put('current', row)
    this.put('committed', row)
  }

  one(id: number): PlayedRecord {
    return this.database.prepare(`select * from current where ${this.#key} = ?`).get(id) as PlayedRecord
  }

  /** The ids that meet a condition, in its order. */
  ids(asOf: AsOf, where: string, request: TdsRequest, now: number): number[] {
    return this.#all(`select ${this.#key} as id from ${asOf} where ${where}`, request, now).map(({ id }) => Number(id))
  }

  rows(list: string, ids: readonly number[], order: string, request: TdsRequest, now: number): readonly PlayedRecord[] {
    return this.#all(`select ${list} from current where ${this.#isOneOf(ids)} ${order}`, request, now)
  }

  change(set: string, ids: readonly number[], request: TdsRequest, now: number): void {
    const text = translated(`update current set ${set} where ${this.#isOneOf(ids)}`)
    this.database.prepare(text).run(parametersOf(text, request, now))
  }

  /** By hand, and committed: what other code does. */
  byHand(text: string): void {
    this.database.exec(text)
    this.database.exec('delete from committed; insert into committed select * from current')
  }

  put(asOf: AsOf, row: PlayedRecord): void {
    const names = Object.keys(row)
    this.database
      .prepare(
        `insert or replace into ${asOf} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`,
      )
      .run(row)
  }

  #isOneOf(ids: readonly number[]): string {
    return `${this.#key} in (${ids.join(', ')})`
  }

  #all(text: string, request: TdsRequest, now: number): readonly PlayedRecord[] {
    const statement = translated(text)
    return this.database.prepare(statement).all(parametersOf(statement, request, now)) as PlayedRecord[]
  }
}

/** What SQLite does not have, in its own words. Times are milliseconds, and it compares text byte by byte anyway. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/dateadd\(millisecond, cast\((@\d+) as int\), sysutcdatetime\(\)\)/g, '(@now + cast($1 as integer))'],
  [/cast\((@\d+) collate \w+ as n?(?:var)?char\(\w+\)\)/g, '$1'],
  [/cast\((@\d+) as (?:big)?int\)/g, 'cast($1 as integer)'],
  [/cast\((\[\w+\]) as n?varchar\(\w+\)\)/g, 'cast($1 as text)'],
  [/ collate Latin1_General_BIN2/g, ''],
  [/datalength\(/g, 'length('],
  [/datediff_big\(millisecond, sysutcdatetime\(\), (\[\w+\])\)/g, '($1 - @now)'],
  [/datediff_big\(millisecond, cast\('1970-01-01' as datetime2\(7\)\), (\[\w+\])\)/g, '$1'],
  [/sysutcdatetime\(\)/g, '@now'],
]

const translated = (text: string): string => WORDS.reduce((all, [what, by]) => all.replaceAll(what, by), text)

function parametersOf(text: string, { parameters }: TdsRequest, now: number): Record<string, unknown> {
  const all = new Map(parameters.map(({ name, value }) => [name.slice(1), value] as const))
  const named = [...text.matchAll(/@(\w+)/g)].map(([, name = '']) => name)
  return Object.fromEntries(named.map((name) => [name, name === 'now' ? Math.floor(now) : (all.get(name) ?? null)]))
}
