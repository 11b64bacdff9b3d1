import type { SelectLock } from '../dialects/dialect.ts'
import { FIELDS } from '../names.ts'
import { fixed, parameter, some, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import { POOL_FIELDS, POOL_NAMES } from './pool-names.ts'
import type { PoolShape } from './pool-names.ts'
import { as, equals, numbered, PoolSql } from './pool-sql.ts'

/** Everything that is read of a pool. */
export class PoolReads extends PoolSql {
  /** What these owners have already. */
  held(owners: number, shape: PoolShape, lock: SelectLock): Template {
    return this.keep(`held ${owners} ${lock} ${shape.key}`, () => {
      const { id, owner, slot, token, status, reservedUntil } = this.table
      return this.dialect.select(
        {
          table: this.table.sql,
          columns: [
            as(id.codec.text(id.sql), POOL_FIELDS.id),
            as(owner.codec.text(owner.sql), POOL_FIELDS.owner),
            as(slot.codec.text(slot.sql), POOL_FIELDS.slot),
            ...(token === null ? [] : [as(this.#truth([equals(token, POOL_NAMES.token)]), POOL_FIELDS.ownToken)]),
            ...(reservedUntil === null
              ? []
              : [
                  as(this.#truth([equals(status, POOL_NAMES.reserved)]), POOL_FIELDS.isReserved),
                  as(reservedUntil.codec.remainingMs(reservedUntil.sql), POOL_FIELDS.remainingMs),
                ]),
            ...(shape.where.length === 0 ? [] : [as(this.#truth(this.wanted(shape)), POOL_FIELDS.matches)]),
            ...this.#session(),
            ...this.#readColumns(shape),
          ],
          where: [...this.scope(), some(numbered(owners, (index) => equals(owner, POOL_NAMES.owner(index))))],
          orderBy: [slot.sql],
          limit: null,
        },
        lock,
      )
    })
  }

  /** Free items: filter and order are served by one index over scope, status and id. */
  pick(limit: number, shape: PoolShape, lock: SelectLock): Template {
    return this.keep(`pick ${limit} ${lock} ${shape.key}`, () => this.#items(this.free(shape), limit, shape, lock))
  }

  /** Those of so many candidates that are free. */
  candidates(count: number, shape: PoolShape): Template {
    return this.keep(`candidates ${count} ${shape.key}`, () =>
      this.#items([...this.free(shape), some(this.isItem(count))], null, shape, 'none'),
    )
  }

  /** The ids of free items, a page at a time. */
  freeIds(limit: number, shape: PoolShape, isFirst: boolean): Template {
    return this.keep(`free ids ${limit} ${isFirst} ${shape.key}`, () => {
      const { id } = this.table
      const after = this.dialect.ordered(parameter(POOL_NAMES.after), id.description)
      const where = [...this.free(shape), ...(isFirst ? [] : [sql`${id.sql} > ${after}`])]
      return this.#items(where, limit, { ...shape, read: [] }, 'none')
    })
  }

  /** Reservations whose time is over, by the database's clock. */
  expired(limit: number): Template {
    return this.keep(`expired ${limit}`, () => {
      const { id, status, sql: table } = this.table
      return this.dialect.select(
        {
          table,
          columns: [as(id.codec.text(id.sql), POOL_FIELDS.id)],
          where: [...this.scope(), equals(status, POOL_NAMES.reserved), this.isOver()],
          orderBy: [this.reservedUntil().sql],
          limit,
        },
        'none',
      )
    })
  }

  /** A row for each free item, but no more than so many. */
  someFree(limit: number, shape: PoolShape): Template {
    return this.keep(`some free ${limit} ${shape.key}`, () =>
      this.dialect.select(
        {
          table: this.table.sql,
          columns: [as(fixed('1'), POOL_FIELDS.found)],
          where: this.free(shape),
          orderBy: [],
          limit,
        },
        'none',
      ),
    )
  }

  /** How many items have the state. */
  count(state: 'free' | 'taken' | 'reserved', shape: PoolShape): Template {
    return this.keep(`count ${state} ${shape.key}`, () =>
      this.dialect.select(
        {
          table: this.table.sql,
          columns: [as(fixed('count(*)'), POOL_FIELDS.found)],
          where: [...this.scope(), equals(this.table.status, POOL_NAMES[state]), ...this.wanted(shape)],
          orderBy: [],
          limit: null,
        },
        'none',
      ),
    )
  }

  /** What every answer that ends a call rests on: the session is as it should be. */
  #session(): Template[] {
    const { autocommit, readOnly } = this.dialect
    const open = this.dialect.openTransaction(this.table.server)
    return [
      ...(autocommit === null ? [] : [as(autocommit, FIELDS.autocommit)]),
      ...(open === null ? [] : [as(open, FIELDS.open)]),
      ...(readOnly === null ? [] : [as(readOnly, FIELDS.readOnly)]),
    ]
  }

  #items(where: readonly Template[], limit: number | null, shape: PoolShape, lock: SelectLock): Template {
    const { id, sql: table } = this.table
    const columns = [as(id.codec.text(id.sql), POOL_FIELDS.id), ...this.#readColumns(shape)]
    return this.dialect.select({ table, columns, where, orderBy: [id.sql], limit }, lock)
  }

  #readColumns({ read }: PoolShape): Template[] {
    return read.map((name) => {
      const column = this.table.column(name)
      if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
      return as(column.sql, this.dialect.quote(name))
    })
  }

  #truth(conditions: readonly Template[]): Template {
    return this.dialect.truth(conditions.reduce((all, one) => sql`${all}\n  and ${one}`))
  }
}
