import { assign, cleared } from '../assignments.ts'
import type { Dialect, SelectLock } from '../dialects/dialect.ts'
import { finished, fixed, parameter, some, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import type { Column, TypedColumn } from '../table.ts'
import type { PoolTable } from './pool-table.ts'

/** What of a draw changes the text of its statements. */
export interface PoolShape {
  readonly where: readonly string[]
  readonly read: readonly string[]
  /** The same as one text, by which statements are kept. */
  readonly key: string
}

export const poolShape = (where: readonly string[], read: readonly string[]): PoolShape => ({
  where,
  read,
  key: JSON.stringify([where, read]),
})

/** The parameters' names. */
export const POOL_NAMES = {
  free: 'free',
  taken: 'taken',
  scope: 'scope',
  token: 'token',
  owner: (index: number): string => `owner ${index}`,
  item: (index: number): string => `item ${index}`,
  where: (column: string): string => `where ${column}`,
} as const

/** What a read calls its columns. */
export const POOL_FIELDS = {
  id: 'pool_id',
  owner: 'pool_owner',
  slot: 'pool_slot',
  ownToken: 'pool_own_token',
  matches: 'pool_matches',
  found: 'pool_found',
} as const

/** Which owner gets the item of the same place in the list, and as which of his. */
export interface Assignment {
  /** The owner's place among those who ask. */
  readonly owner: number
  readonly slot: number
}

/** The statements of one pool. Each is built when its shape is first needed, and kept. */
export class PoolStatements {
  readonly #table: PoolTable
  readonly #dialect: Dialect
  readonly #kept = new Map<string, Template>()

  constructor(table: PoolTable, dialect: Dialect) {
    this.#table = table
    this.#dialect = dialect
  }

  /** What these owners have already. */
  held(owners: number, shape: PoolShape, lock: SelectLock): Template {
    return this.#keep(`held ${owners} ${lock} ${shape.key}`, () => {
      const { id, owner, slot, token } = this.#table
      return this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [
            as(id.codec.text(id.sql), POOL_FIELDS.id),
            as(owner.codec.text(owner.sql), POOL_FIELDS.owner),
            as(slot.codec.text(slot.sql), POOL_FIELDS.slot),
            ...(token === null ? [] : [as(this.#truth([equals(token, POOL_NAMES.token)]), POOL_FIELDS.ownToken)]),
            ...(shape.where.length === 0 ? [] : [as(this.#truth(this.#wanted(shape)), POOL_FIELDS.matches)]),
            ...this.#readColumns(shape),
          ],
          where: [...this.#scope(), some(numbered(owners, (index) => equals(owner, POOL_NAMES.owner(index))))],
          orderBy: [slot.sql],
          limit: null,
        },
        lock,
      )
    })
  }

  /** Free items: filter and order are served by one index over scope, status and id. */
  pick(limit: number, shape: PoolShape, lock: SelectLock): Template {
    return this.#keep(`pick ${limit} ${lock} ${shape.key}`, () => {
      const { id } = this.#table
      return this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [as(id.codec.text(id.sql), POOL_FIELDS.id), ...this.#readColumns(shape)],
          where: this.#free(shape),
          orderBy: [id.sql],
          limit,
        },
        lock,
      )
    })
  }

  /** Gives the items away. Whatever was read or locked before, they must be free in this very statement. */
  take(assignments: readonly Assignment[], shape: PoolShape, alone: boolean): Template {
    return this.#keep(`take ${JSON.stringify(assignments)} ${alone} ${shape.key}`, () => {
      const { id, status, owner, slot, takenAt, token } = this.#table
      const isItem = numbered(assignments.length, (index) => equals(id, POOL_NAMES.item(index)))
      const each = (value: (given: Assignment) => Template): Template => {
        const [first] = assignments
        if (first !== undefined && assignments.length === 1) return value(first)
        const cases = assignments.map((given, index) => sql`when ${isItem[index] ?? fixed('')} then ${value(given)}`)
        return sql`case ${cases.reduce((all, one) => sql`${all}\n    ${one}`)}\n    end`
      }
      return this.#update(
        [
          this.#written(status, POOL_NAMES.taken),
          assign(
            owner,
            each((given) => this.#value(owner, POOL_NAMES.owner(given.owner))),
          ),
          assign(
            slot,
            each((given) => fixed(String(given.slot))),
          ),
          ...(takenAt === null ? [] : [assign(takenAt, takenAt.codec.now)]),
          ...(token === null ? [] : [this.#written(token, POOL_NAMES.token)]),
        ],
        [...this.#free(shape), some(isItem)],
        alone,
      )
    })
  }

  /** Gives back everything of one owner. */
  release(alone: boolean): Template {
    return this.#keep(`release ${alone}`, () => {
      const { status, owner, slot, takenAt, token } = this.#table
      return this.#update(
        [
          this.#written(status, POOL_NAMES.free),
          assign(owner, fixed('null')),
          assign(slot, fixed('null')),
          ...(takenAt === null ? [] : [cleared(takenAt)]),
          ...(token === null ? [] : [cleared(token)]),
        ],
        [...this.#scope(), equals(owner, POOL_NAMES.owner(0)), equals(status, POOL_NAMES.taken)],
        alone,
      )
    })
  }

  /** A row for each free item, but no more than so many. */
  free(limit: number, shape: PoolShape): Template {
    return this.#keep(`free ${limit} ${shape.key}`, () =>
      this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [as(fixed('1'), POOL_FIELDS.found)],
          where: this.#free(shape),
          orderBy: [],
          limit,
        },
        'none',
      ),
    )
  }

  /** How many items have the state. */
  count(state: 'free' | 'taken', shape: PoolShape): Template {
    return this.#keep(`count ${state} ${shape.key}`, () =>
      this.#dialect.select(
        {
          table: this.#table.sql,
          columns: [as(fixed('count(*)'), POOL_FIELDS.found)],
          where: [...this.#scope(), equals(this.#table.status, POOL_NAMES[state]), ...this.#wanted(shape)],
          orderBy: [],
          limit: null,
        },
        'none',
      ),
    )
  }

  #update(assignments: readonly Template[], where: readonly Template[], alone: boolean): Template {
    const { sql: table, status, server } = this.#table
    return this.#dialect.update({ table, assignments, where, status: status.sql }, { alone, server })
  }

  #scope(): Template[] {
    return this.#table.scope === null ? [] : [equals(this.#table.scope, POOL_NAMES.scope)]
  }

  #free(shape: PoolShape): Template[] {
    return [...this.#scope(), equals(this.#table.status, POOL_NAMES.free), ...this.#wanted(shape)]
  }

  #wanted({ where }: PoolShape): Template[] {
    return where.map((name) => {
      const column = this.#table.comparable(name)
      if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
      return column.codec.matches(column.sql, parameter(POOL_NAMES.where(name)))
    })
  }

  #readColumns({ read }: PoolShape): Template[] {
    return read.map((name) => {
      const column = this.#table.column(name)
      if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
      return as(column.sql, this.#dialect.quote(name))
    })
  }

  #truth(conditions: readonly Template[]): Template {
    return this.#dialect.truth(conditions.reduce((all, one) => sql`${all}\n  and ${one}`))
  }

  #value(column: Column, name: string): Template {
    return this.#dialect.setParameter(parameter(name), column.description)
  }

  #written(column: Column, name: string): Template {
    return assign(column, this.#value(column, name))
  }

  #keep(key: string, build: () => Template): Template {
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const built = finished(build(), this.#dialect.placeholders)
    this.#kept.set(key, built)
    return built
  }
}

const equals = (column: TypedColumn, name: string): Template => column.codec.equals(column.sql, parameter(name))

const as = (expression: Template, name: string): Template => sql`${expression} as ${fixed(name)}`

const numbered = (count: number, of: (index: number) => Template): Template[] =>
  Array.from({ length: count }, (_, index) => of(index))
