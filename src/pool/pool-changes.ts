import { assign, cleared } from '../assignments.ts'
import { fixed, parameter, some, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import type { Column } from '../table.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { Assignment, PoolShape } from './pool-names.ts'
import { equals, PoolSql } from './pool-sql.ts'

/** Every change that is ever made to an item. Its guard is in the write, whatever was read or locked before. */
export class PoolChanges extends PoolSql {
  /** Gives free items away: for good, or until they are confirmed. */
  take(assignments: readonly Assignment[], to: 'taken' | 'reserved', shape: PoolShape, alone: boolean): Template {
    return this.keep(`take ${JSON.stringify(assignments)} ${to} ${alone} ${shape.key}`, () => {
      const { status, owner, slot, takenAt, token } = this.table
      const isItem = this.isItem(assignments.length)
      const each = (value: (given: Assignment) => Template): Template => {
        const [first] = assignments
        if (first !== undefined && assignments.length === 1) return value(first)
        const cases = assignments.map((given, index) => sql`when ${isItem[index] ?? fixed('')} then ${value(given)}`)
        return sql`case ${cases.reduce((all, one) => sql`${all}\n    ${one}`)}\n    end`
      }
      const isFirst = assignments.every((given) => given.slot === 1)
      return this.#update(
        [
          this.#written(status, POOL_NAMES[to]),
          assign(
            owner,
            each((given) => this.#value(owner, POOL_NAMES.owner(given.owner))),
          ),
          assign(slot, isFirst ? fixed('1') : each((given) => fixed(String(given.slot)))),
          ...(to === 'taken'
            ? takenAt === null
              ? []
              : [assign(takenAt, takenAt.codec.now)]
            : [assign(this.reservedUntil(), this.reservedUntil().codec.after(parameter(POOL_NAMES.reserveMs)))]),
          ...(token === null ? [] : [this.#written(token, POOL_NAMES.token)]),
        ],
        [...this.free(shape), some(isItem)],
        alone,
      )
    })
  }

  /** So many items that an owner has reserved are his for good, if their time is not over: those, and no others. */
  confirm(count: number, alone: boolean): Template {
    return this.keep(`confirm ${count} ${alone}`, () => {
      const { status, owner, takenAt, token } = this.table
      return this.#update(
        [
          this.#written(status, POOL_NAMES.taken),
          ...(takenAt === null ? [] : [assign(takenAt, takenAt.codec.now)]),
          assign(this.reservedUntil(), fixed('null')),
          ...(token === null ? [] : [this.#written(token, POOL_NAMES.token)]),
        ],
        [
          ...this.scope(),
          equals(owner, POOL_NAMES.owner(0)),
          equals(status, POOL_NAMES.reserved),
          sql`${this.reservedUntil().sql} > ${this.reservedUntil().codec.now}`,
          some(this.isItem(count)),
        ],
        alone,
      )
    })
  }

  /** Gives back everything of one owner. */
  release(alone: boolean): Template {
    return this.keep(`release ${alone}`, () => {
      const { status, owner, reservedUntil } = this.table
      const states = [POOL_NAMES.taken, ...(reservedUntil === null ? [] : [POOL_NAMES.reserved])]
      const isHeld = some(states.map((state) => equals(status, state)))
      return this.#update(this.#freed(), [...this.scope(), equals(owner, POOL_NAMES.owner(0)), isHeld], alone)
    })
  }

  /** Frees so many reservations, if their time is over. */
  expire(count: number, alone: boolean): Template {
    return this.keep(`expire ${count} ${alone}`, () => {
      const isReserved = equals(this.table.status, POOL_NAMES.reserved)
      return this.#update(this.#freed(), [isReserved, this.isOver(), some(this.isItem(count))], alone)
    })
  }

  #freed(): Template[] {
    const { status, owner, slot, takenAt, token, reservedUntil } = this.table
    return [
      this.#written(status, POOL_NAMES.free),
      assign(owner, fixed('null')),
      assign(slot, fixed('null')),
      ...(takenAt === null ? [] : [cleared(takenAt)]),
      ...(token === null ? [] : [cleared(token)]),
      ...(reservedUntil === null ? [] : [assign(reservedUntil, fixed('null'))]),
    ]
  }

  #update(assignments: readonly Template[], where: readonly Template[], alone: boolean): Template {
    const { sql: table, status, server } = this.table
    return this.dialect.update({ table, assignments, where, status: status.sql }, { alone, server })
  }

  #value(column: Column, name: string): Template {
    return this.dialect.setParameter(parameter(name), column.description)
  }

  #written(column: Column, name: string): Template {
    return assign(column, this.#value(column, name))
  }
}
