import type { Dialect, SelectLock } from '../dialects/dialect.ts'
import { FIELDS, NAMES } from '../names.ts'
import { paddedSize } from '../padded.ts'
import { every, finished, fixed, parameter, some, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import { as, changeClauses, equals, hasPassed } from '../statements.ts'
import type { Shape } from '../statements.ts'
import { columnOf } from '../table.ts'
import type { Table, TypedColumn } from '../table.ts'
import type { Transition } from '../transitions.ts'

/** Which rows a worker looks for. */
export type Source =
  /** By `columns.dueAt`: what waits and is due, and what was leased by somebody whose lease is over. */
  | 'due'
  /** Where there is no such column: what waits, and … */
  | 'waiting'
  /** … what was leased by somebody whose lease is over. */
  | 'over'

/** Without `columns.dueAt` the waiting rows are gone through once, in the order of their ids. */
export interface Pick {
  readonly source: Source
  readonly limit: number
  readonly read: readonly string[]
  readonly lock: SelectLock
  /** After the row bound to {@link NAMES.after}. */
  readonly after: boolean
}

/** The statements about several rows of one table. Each is built when its shape is first needed, and kept. */
export class DrainStatements {
  readonly #table: Table
  readonly #dialect: Dialect
  readonly #kept = new Map<string, Template>()

  constructor(table: Table, dialect: Dialect) {
    this.#table = table
    this.#dialect = dialect
  }

  /**
   * Rows for a worker: ids, whether they were leased, the number of attempts, and the columns asked for. By `dueAt` an
   * index on it serves condition and order alike.
   */
  pick({ source, limit, read, lock, after }: Pick): Template {
    return this.#keep(`pick ${source} ${limit} ${lock} ${after} ${JSON.stringify(read)}`, () =>
      this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [...this.#ids(), as(this.#leased(), FIELDS.leased), ...this.#read(read)],
          where: [...this.#workable(source), ...(after ? [this.#after()] : [])],
          orderBy: this.#order(source),
          limit,
        },
        lock,
      ),
    )
  }

  /** How many rows there are for a worker, as a progress bar wants to know. */
  count(source: Source): Template {
    return this.#keep(`count ${source}`, () =>
      this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [as(fixed('count(*)'), FIELDS.found)],
          where: this.#workable(source),
          orderBy: [],
          limit: null,
        },
        'none',
      ),
    )
  }

  /** Of these rows those that have the token of the call: ids, whether they are leased, attempts, columns asked for. */
  owned(count: number, read: readonly string[], lock: SelectLock): Template {
    const named = paddedSize(count)
    return this.#keep(`owned ${named} ${lock} ${JSON.stringify(read)}`, () => {
      const { token } = this.#table
      return this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [...this.#ids(), as(this.#leased(), FIELDS.leased), ...this.#read(read)],
          where: [this.#oneOf(named), ...(token === null ? [] : [equals(token, NAMES.token)])],
          orderBy: [],
          limit: null,
        },
        lock,
      )
    })
  }

  /** The guarded UPDATE of a transition, of so many rows at once. Each row must hold what it guards by. */
  change(transition: Transition, count: number, shape: Shape, alone: boolean): Template {
    const named = paddedSize(count)
    return this.#keep(`${transition.name} ${named} ${alone} ${shape.key}`, () =>
      this.#dialect.update(changeClauses(transition, shape, this.#table, this.#dialect, [this.#oneOf(named)]), {
        alone,
        server: this.#table.server,
      }),
    )
  }

  #workable(source: Source): Template[] {
    const { status, leaseUntil, dueAt } = this.#table
    const waiting = equals(status, NAMES.state('waiting'))
    const processing = equals(status, NAMES.state('processing'))
    const over = leaseUntil === null ? processing : every([processing, hasPassed(leaseUntil)])
    switch (source) {
      case 'due':
        return [...(dueAt === null ? [] : [hasPassed(dueAt)]), some([waiting, over]), ...this.#hasId()]
      case 'waiting':
        return [waiting, ...this.#hasId()]
      case 'over':
        return [over, ...this.#hasId()]
    }
  }

  /** A unique key may let rows without an id in. No call can name them, and they would be found again and again. */
  #hasId(): Template[] {
    const nullable = this.#table.id.filter(({ description }) => description.nullable)
    return nullable.map(({ sql: name }) => sql`${name} is not null`)
  }

  #order(source: Source): Template[] {
    const { dueAt, id } = this.#table
    switch (source) {
      case 'due':
        return dueAt === null ? [] : [dueAt.sql]
      case 'waiting':
        return id.map((column) => column.sql)
      case 'over':
        return []
    }
  }

  /** `(a > ? or a = ? and b > ?)`: row by row in the order of the ids. */
  #after(): Template {
    const { id } = this.#table
    const last = (index: number, column: TypedColumn): Template =>
      this.#dialect.setParameter(parameter(NAMES.after(index)), column.description)
    return some(
      id.map((column, index) =>
        every([
          ...id.slice(0, index).map((before, place) => sql`${before.sql} = ${last(place, before)}`),
          sql`${column.sql} > ${last(index, column)}`,
        ]),
      ),
    )
  }

  #oneOf(count: number): Template {
    const row = (number: number): Template =>
      every(this.#table.id.map((column, index) => equals(column, NAMES.idOf(number, index))))
    return some(Array.from({ length: count }, (_, number) => row(number)))
  }

  /** As they are bound again: bytes as bytes, everything else as its canonical text. */
  #ids(): Template[] {
    return this.#table.id.map((column, index) =>
      as(column.codec.kind.endsWith('bytes') ? column.sql : column.codec.text(column.sql), FIELDS.id(index)),
    )
  }

  #leased(): Template {
    return this.#dialect.truth(equals(this.#table.status, NAMES.state('processing')))
  }

  #read(read: readonly string[]): Template[] {
    const { attempts } = this.#table
    return [
      ...(attempts === null ? [] : [as(attempts.codec.text(attempts.sql), FIELDS.attempts)]),
      ...read.map((name) => as(columnOf(this.#table, name).sql, name, (label) => this.#dialect.quote(label))),
    ]
  }

  #keep(key: string, build: () => Template): Template {
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const built = finished(build(), this.#dialect.placeholders)
    this.#kept.set(key, built)
    return built
  }
}
