import type { Dialect } from '../dialects/dialect.ts'
import type { LeaseCodec } from '../dialects/codec.ts'
import { finished, fixed, parameter, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import type { TypedColumn } from '../table.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { PoolShape } from './pool-names.ts'
import type { PoolTable } from './pool-table.ts'

/** What the statements of one pool are made of. Each is built when its shape is first needed, and kept. */
export abstract class PoolSql {
  protected readonly table: PoolTable
  protected readonly dialect: Dialect
  readonly #kept = new Map<string, Template>()

  constructor(table: PoolTable, dialect: Dialect) {
    this.table = table
    this.dialect = dialect
  }

  protected scope(): Template[] {
    return this.table.scope === null ? [] : [equals(this.table.scope, POOL_NAMES.scope)]
  }

  protected free(shape: PoolShape): Template[] {
    return [...this.scope(), equals(this.table.status, POOL_NAMES.free), ...this.wanted(shape)]
  }

  protected wanted({ where }: PoolShape): Template[] {
    return where.map((name) => {
      const column = this.table.comparable(name)
      if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
      return column.codec.matches(column.sql, parameter(POOL_NAMES.where(name)))
    })
  }

  protected isItem(count: number): Template[] {
    return numbered(count, (index) => equals(this.table.id, POOL_NAMES.item(index)))
  }

  /** The time of a reservation is over. */
  protected isOver(): Template {
    const { sql: until, codec } = this.reservedUntil()
    return sql`${until} <= ${codec.now}`
  }

  protected reservedUntil(): TypedColumn<LeaseCodec> {
    if (this.table.reservedUntil === null) throw new TypeError('The pool has no reservations.')
    return this.table.reservedUntil
  }

  protected keep(key: string, build: () => Template): Template {
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const built = finished(build(), this.dialect.placeholders)
    this.#kept.set(key, built)
    return built
  }
}

export const equals = (column: TypedColumn, name: string): Template => column.codec.equals(column.sql, parameter(name))

export const as = (expression: Template, name: string): Template => sql`${expression} as ${fixed(name)}`

export const numbered = (count: number, of: (index: number) => Template): Template[] =>
  Array.from({ length: count }, (_, index) => of(index))
