import type { Dialect, ReadLock, VersionCodec } from './dialects/dialect.ts'
import { finished, fixed, parameter, sql } from './sql.ts'
import type { Template } from './sql.ts'
import type { Column, Table, TypedColumn } from './table.ts'

/** What of a call changes the text of its statements, beside its values. */
export interface Shape {
  readonly set: readonly string[]
  readonly expect: readonly string[]
  readonly read: readonly string[]
  readonly paymentId: boolean
  /** The same as one text, by which statements are kept. */
  readonly key: string
}

/** A shape of the parts given. */
export function shapeOf(parts: Omit<Shape, 'key'>): Shape {
  const { set, expect, read, paymentId } = parts
  return { ...parts, key: JSON.stringify([set, expect, read, paymentId]) }
}

/** Of a call that says nothing of columns. */
export const PLAIN_SHAPE = shapeOf({ set: [], expect: [], read: [], paymentId: false })

/** The parameters' names. */
export const NAMES = {
  id: (index: number): string => `id ${index}`,
  waiting: 'waiting',
  claimed: 'claimed',
  version: 'version',
  token: 'token',
  paymentId: 'paymentId',
  set: (column: string): string => `set ${column}`,
  expect: (column: string): string => `expect ${column}`,
} as const

/** What a read of the order is called in its row. */
export const FIELDS = {
  status: 'claim_status',
  version: 'claim_version',
  claimedAtMs: 'claim_claimed_at_ms',
  paymentId: 'claim_payment_id',
  samePayment: 'claim_same_payment',
  autocommit: 'claim_autocommit',
  open: 'claim_in_transaction',
  readOnly: 'claim_read_only',
  actual: (index: number): string => `claim_actual_${index}`,
  matches: (index: number): string => `claim_matches_${index}`,
} as const

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

  /** The claim itself: whatever the strategy, the status guard is in the write. */
  claim(shape: Shape, guard: 'status' | 'status and version', alone: boolean): Template {
    return this.#keep(`claim ${guard} ${alone} ${shape.key}`, () => {
      const { version, token, claimedAt, paymentId } = this.#table
      return this.#update(
        [
          this.#written(this.#table.status, NAMES.claimed),
          version && moved(version),
          token && this.#written(token, NAMES.token),
          claimedAt && assign(claimedAt, claimedAt.codec.now),
          shape.paymentId ? paymentId && this.#written(paymentId, NAMES.paymentId) : null,
          ...shape.set.map((name) => this.#written(this.#column(name), NAMES.set(name))),
        ],
        [
          ...this.#sameId(),
          equals(this.#table.status, NAMES.waiting),
          guard === 'status and version'
            ? version && version.codec.matches(version.sql, parameter(NAMES.version))
            : null,
          ...shape.expect.map((name) => this.#expected(name)),
        ],
        alone,
      )
    })
  }

  /** The order as it is: what every answer but `claimed` rests on. */
  look(shape: Shape, lock: ReadLock, alone: boolean): Template {
    return this.#keep(`look ${lock} ${alone} ${shape.key}`, () => {
      const { status, version, claimedAt, paymentId } = this.#table
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
          ...shape.expect.flatMap((name, index) => {
            const column = this.#comparable(name)
            return [
              as(column.codec.text(column.sql), FIELDS.actual(index)),
              as(this.#dialect.truth(this.#expected(name)), FIELDS.matches(index)),
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

  /** The columns the effect asked for, under the claim's own row lock. */
  readForEffect(shape: Shape): Template {
    return this.#keep(`read ${shape.key}`, () =>
      this.#read(
        shape.read.map((name) => as(this.#column(name).sql, name, (label) => this.#dialect.quote(label))),
        'update',
        false,
      ),
    )
  }

  /** Puts a claimed order back: it waits, and nothing of the claim is left on it. */
  reset(alone: boolean): Template {
    return this.#keep(`reset ${alone}`, () => {
      const { status, version, token, claimedAt, paymentId } = this.#table
      return this.#update(
        [
          this.#written(status, NAMES.waiting),
          version && moved(version),
          token && cleared(token),
          claimedAt && cleared(claimedAt),
          paymentId && cleared(paymentId),
        ],
        [...this.#sameId(), equals(status, NAMES.claimed)],
        alone,
      )
    })
  }

  #update(assignments: readonly (Template | null)[], where: readonly (Template | null)[], alone: boolean): Template {
    const { sql: table, status, server } = this.#table
    const clauses = { table, assignments: present(assignments), where: present(where), status: status.sql }
    return this.#dialect.update(clauses, { alone, server })
  }

  #read(columns: readonly (Template | null)[], lock: ReadLock, alone: boolean): Template {
    const { sql: table, server } = this.#table
    return this.#dialect.read({ table, columns: present(columns), where: this.#sameId() }, lock, { alone, server })
  }

  #sameId(): Template[] {
    return this.#table.id.map((column, index) => equals(column, NAMES.id(index)))
  }

  #written(column: Column, name: string): Template {
    return assign(column, this.#dialect.setParameter(parameter(name), column.description))
  }

  #expected(name: string): Template {
    const column = this.#comparable(name)
    return column.codec.matches(column.sql, parameter(NAMES.expect(name)))
  }

  #column(name: string): Column {
    const column = this.#table.column(name)
    if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
    return column
  }

  #comparable(name: string): TypedColumn {
    const column = this.#table.comparable(name)
    if (column === undefined) throw new TypeError(`The column "${name}" was not checked.`)
    return column
  }

  #keep(shape: string, build: () => Template): Template {
    const kept = this.#kept.get(shape)
    if (kept !== undefined) return kept
    const built = finished(build(), this.#dialect.placeholders)
    this.#kept.set(shape, built)
    return built
  }
}

const present = (parts: readonly (Template | null)[]): Template[] => parts.filter((part) => part !== null)

const assign = (column: { readonly sql: Template }, value: Template): Template => sql`${column.sql} = ${value}`

/** `null`: the server moves the version by itself, on every update. */
const moved = (version: TypedColumn<VersionCodec>): Template | null =>
  version.codec.next === null ? null : assign(version, version.codec.next(version.sql))

/** NULL; where the column allows none, the empty text, or what is there already. */
function cleared(column: TypedColumn<{ readonly kind: string }>): Template {
  if (column.description.nullable) return assign(column, fixed('null'))
  return assign(column, column.codec.kind === 'text' ? fixed("''") : column.sql)
}

const equals = (column: TypedColumn, name: string): Template => column.codec.equals(column.sql, parameter(name))

const as = (expression: Template, name: string, quote: (label: string) => string = (label) => label): Template =>
  sql`${expression} as ${fixed(quote(name))}`
