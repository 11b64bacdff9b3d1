import type { LeaseCodec } from './dialects/codec.ts'
import type { Clauses, Dialect, ReadLock } from './dialects/dialect.ts'
import { assign, assignmentsOf } from './assignments.ts'
import { FIELDS, NAMES } from './names.ts'
import { finished, fixed, parameter, sql } from './sql.ts'
import type { Template } from './sql.ts'
import { columnOf } from './table.ts'
import type { Column, Table, TypedColumn } from './table.ts'
import type { Guard, Transition } from './transitions.ts'

/** What of a call changes the text of its statements, beside its values. */
export interface Shape {
  readonly set: readonly string[]
  readonly expect: readonly string[]
  readonly read: readonly string[]
  readonly paymentId: boolean
  /** Reads tell whether the order has the token of this call. */
  readonly own: boolean
  /** The same as one text, by which statements are kept. */
  readonly key: string
}

/** A shape of the parts given. */
export function shapeOf(parts: Omit<Shape, 'key'>): Shape {
  const { set, expect, read, paymentId, own } = parts
  return { ...parts, key: JSON.stringify([set, expect, read, paymentId, own]) }
}

const asking = new WeakMap<Shape, Shape>()

/** The same, of reads that tell whether the order has the token of the call. */
export function asksOwn(shape: Shape): Shape {
  const known = asking.get(shape)
  if (known !== undefined) return known
  const made = shape.own ? shape : shapeOf({ ...shape, own: true })
  asking.set(shape, made)
  return made
}

/** Of a call that says nothing of columns. */
export const PLAIN_SHAPE = shapeOf({ set: [], expect: [], read: [], paymentId: false, own: false })

/**
 * The statements of one table. Each is built when its shape is first needed, and kept: calls of one program have few
 * shapes.
 */
export class Statements {
  readonly #table: Table
  readonly #dialect: Dialect
  readonly #kept = new Map<string, Template>()

  constructor(table: Table, dialect: Dialect) {
    this.#table = table
    this.#dialect = dialect
  }

  /** The guarded UPDATE of a transition: whatever the strategy, the status guard is in the write. */
  change(transition: Transition, shape: Shape, version: 'any version' | 'same version', alone: boolean): Template {
    return this.#keep(`${transition.name} ${version} ${alone} ${shape.key}`, () => {
      const { version: column, server } = this.#table
      const same = version === 'same version' && column !== null
      const clauses = changeClauses(
        transition,
        shape,
        this.#table,
        this.#dialect,
        sameId(this.#table),
        same ? [column.codec.matches(column.sql, parameter(NAMES.version))] : [],
      )
      return this.#dialect.update(clauses, { alone, server })
    })
  }

  /** The order as it is: what every answer but `claimed` rests on. */
  look(shape: Shape, lock: ReadLock, alone: boolean): Template {
    return this.#keep(`look ${lock} ${alone} ${shape.key}`, () => {
      const { status, version, token, claimedAt, paymentId, leaseUntil, result } = this.#table
      const open = this.#dialect.openTransaction(this.#table.server)
      return this.#read(
        [
          as(status.codec.text(status.sql), FIELDS.status),
          version && as(version.codec.text(version.sql), FIELDS.version),
          claimedAt && as(claimedAt.codec.milliseconds(claimedAt.sql), FIELDS.claimedAtMs),
          paymentId && as(paymentId.codec.text(paymentId.sql), FIELDS.paymentId),
          shape.paymentId
            ? paymentId && as(this.#dialect.truth(equals(paymentId, NAMES.paymentId)), FIELDS.samePayment)
            : null,
          shape.own ? token && as(this.#dialect.truth(equals(token, NAMES.token)), FIELDS.ownToken) : null,
          leaseUntil && as(leaseUntil.codec.remainingMs(leaseUntil.sql), FIELDS.leaseMs),
          result && as(result.codec.text(result.sql), FIELDS.result),
          ...shape.expect.flatMap((name, index) => {
            const column = comparable(this.#table, name)
            return [
              as(column.codec.text(column.sql), FIELDS.actual(index)),
              as(this.#dialect.truth(expected(this.#table, name)), FIELDS.matches(index)),
            ]
          }),
          this.#dialect.autocommit && as(this.#dialect.autocommit, FIELDS.autocommit),
          open && as(open, FIELDS.open),
          this.#dialect.readOnly && as(this.#dialect.readOnly, FIELDS.readOnly),
        ],
        lock,
        alone,
      )
    })
  }

  /** The columns the effect asked for, and the number of the attempt, under the claim's own row lock. */
  readForEffect(shape: Shape, counted: boolean): Template {
    return this.#keep(`read ${counted} ${shape.key}`, () => {
      const { attempts } = this.#table
      return this.#read(
        [
          ...shape.read.map((name) => as(columnOf(this.#table, name).sql, name, (label) => this.#dialect.quote(label))),
          counted ? attempts && as(attempts.codec.text(attempts.sql), FIELDS.attempts) : null,
        ],
        'update',
        false,
      )
    })
  }

  #read(columns: readonly (Template | null)[], lock: ReadLock, alone: boolean): Template {
    const { sql: table, server } = this.#table
    return this.#dialect.read({ table, columns: present(columns), where: sameId(this.#table) }, lock, { alone, server })
  }

  #keep(shape: string, build: () => Template): Template {
    const kept = this.#kept.get(shape)
    if (kept !== undefined) return kept
    const built = finished(build(), this.#dialect.placeholders)
    this.#kept.set(shape, built)
    return built
  }
}

/** What the guarded UPDATE of a transition is built of; `which` says of which rows, `beside` what else they must hold. */
export function changeClauses(
  { from, to, writes, guards }: Transition,
  shape: Shape,
  table: Table,
  dialect: Dialect,
  which: readonly Template[],
  beside: readonly Template[] = [],
): Pick<Clauses, 'table' | 'assignments' | 'where' | 'status'> {
  const { status } = table
  const written = (target: Column, value: string): Template =>
    assign(target, dialect.setParameter(parameter(value), target.description))
  return {
    table: table.sql,
    status: status.sql,
    assignments: present([
      from === to || to === null ? null : written(status, NAMES.state(to)),
      ...writes.flatMap((write) => assignmentsOf(write, shape, table, written)),
    ]),
    where: present([
      ...which,
      from === null ? null : equals(status, NAMES.state(from)),
      ...beside,
      ...guards.flatMap((guard) => conditionsOf(guard, shape, table)),
    ]),
  }
}

function conditionsOf(guard: Guard, shape: Shape, table: Table): readonly (Template | null)[] {
  const { token, leaseUntil, dueAt } = table
  switch (guard) {
    case 'expect':
      return shape.expect.map((name) => expected(table, name))
    case 'own token':
      return [token && equals(token, NAMES.token)]
    case 'lease over':
      return [leaseUntil && hasPassed(leaseUntil)]
    case 'due':
      return [dueAt && hasPassed(dueAt)]
  }
}

const sameId = ({ id }: Table): Template[] => id.map((column, index) => equals(column, NAMES.id(index)))

function expected(table: Table, name: string): Template {
  const column = comparable(table, name)
  return column.codec.matches(column.sql, parameter(NAMES.expect(name)))
}

function comparable(table: Table, name: string): TypedColumn {
  const column = table.comparable(name)
  if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
  return column
}

export const hasPassed = (column: TypedColumn<LeaseCodec>): Template => sql`${column.sql} <= ${column.codec.now}`

const present = (parts: readonly (Template | null)[]): Template[] => parts.filter((part) => part !== null)

export const equals = (column: TypedColumn, name: string): Template => column.codec.equals(column.sql, parameter(name))

export const as = (expression: Template, name: string, quote: (label: string) => string = (label) => label): Template =>
  sql`${expression} as ${fixed(quote(name))}`
