import Database from 'better-sqlite3'
import type { TdsRequest } from '../../support/tds/requests.ts'

export type Card = Readonly<Record<string, string | number | bigint | null>>

/**
 * The rows of a played table of cards. SQLite evaluates what the statements say of them; which sessions hold which rows is
 * not its business.
 */
export class PlayedCards {
  readonly #database = new Database(':memory:')

  constructor() {
    // As the table is, and as it was committed.
    for (const name of ['cards', 'committed']) {
      this.#database.exec(
        `create table ${name} (card_id integer primary key, campaign text, status text default 'Free', owner text, slot integer,
           taken_at integer, draw_token text, reserved_until integer, card_number text, worth integer default 10)`,
      )
    }
  }

  /** So many free cards of a campaign. */
  add(campaign: string, count: number): void {
    for (const table of ['cards', 'committed']) {
      const insert = this.#database.prepare(`insert into ${table} (campaign, card_number) values (?, ?)`)
      for (let card = 0; card < count; card += 1) insert.run(campaign, `${campaign}-${card}`)
    }
  }

  all(campaign: string): readonly Card[] {
    return this.#database.prepare('select * from cards where campaign = ? order by card_id').all(campaign) as Card[]
  }

  one(id: number): Card {
    return this.#database.prepare('select * from cards where card_id = ?').get(id) as Card
  }

  /** The ids that meet a condition, in its order: now, or as it was committed. */
  ids(table: 'cards' | 'committed', where: string, request: TdsRequest, now: number): number[] {
    return this.#all(`select card_id from ${table} where ${where}`, request, now).map(({ card_id }) => Number(card_id))
  }

  rows(list: string, ids: readonly number[], order: string, request: TdsRequest, now: number): readonly Card[] {
    return this.#all(`select ${list} from cards where card_id in (${ids.join(', ')}) ${order}`, request, now)
  }

  change(set: string, ids: readonly number[], request: TdsRequest, now: number): void {
    const text = translated(`update cards set ${set} where card_id in (${ids.join(', ')})`)
    this.#database.prepare(text).run(parametersOf(text, request, now))
  }

  /** By hand, and committed: what other code does. */
  byHand(text: string): void {
    this.#database.exec(text)
    this.#database.exec('delete from committed; insert into committed select * from cards')
  }

  /** Two cards of one owner with one slot: what the filtered unique key refuses. */
  get collides(): boolean {
    const twice = `select 1 from cards where owner is not null group by campaign, owner, slot having count(*) > 1`
    return this.#database.prepare(twice).get() !== undefined
  }

  put(table: 'cards' | 'committed', card: Card): void {
    const names = Object.keys(card)
    this.#database
      .prepare(
        `insert or replace into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`,
      )
      .run(card)
  }

  #all(text: string, request: TdsRequest, now: number): readonly Card[] {
    const statement = translated(text)
    return this.#database.prepare(statement).all(parametersOf(statement, request, now)) as Card[]
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
  [/sysutcdatetime\(\)/g, '@now'],
]

const translated = (text: string): string => WORDS.reduce((all, [what, by]) => all.replaceAll(what, by), text)

function parametersOf(text: string, { parameters }: TdsRequest, now: number): Record<string, unknown> {
  const all = new Map(parameters.map(({ name, value }) => [name.slice(1), value] as const))
  const named = [...text.matchAll(/@(\w+)/g)].map(([, name = '']) => name)
  return Object.fromEntries(named.map((name) => [name, name === 'now' ? Math.floor(now) : (all.get(name) ?? null)]))
}
