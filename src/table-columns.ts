import type { Resolve } from './table.ts'
import type { Column, TypedColumn } from './table.ts'
import type { Codec } from './dialects/codec.ts'
import type { ColumnDescription, Dialect, TableDescription } from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import { fixed } from './sql.ts'
import type { Template } from './sql.ts'

const fail = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

/** The columns of the user's table, by the names that he gives them; what does not fit is said with what to do. */
export class TableColumns {
  /** As messages call the table. */
  readonly label: string
  readonly sql: Template
  readonly #table: string
  readonly #description: TableDescription
  readonly #dialect: Dialect
  readonly #resolve: Resolve

  /** @param table as the configuration names it */
  constructor(table: string, description: TableDescription, dialect: Dialect, resolve: Resolve) {
    this.label = `Table "${table}"`
    this.#table = table
    this.#description = description
    this.#dialect = dialect
    this.#resolve = resolve
    if (description.unfit !== null) throw fail(`${this.label} ${description.unfit}.`)
    const { schema, name } = description.table
    this.sql = fixed((schema === null ? '' : `${dialect.quote(schema)}.`) + dialect.quote(name))
  }

  /** Any column. `undefined`: there is none. */
  column(name: string): Column | undefined {
    const real = this.#resolve === undefined ? name : this.#resolve(this.#table, [name]).columns[0]
    const found = real === undefined ? undefined : this.#description.columns.get(real.toLowerCase())
    return found && { name, sql: fixed(this.#dialect.quote(found.name)), description: found }
  }

  /** One that can be compared exactly. */
  comparable(name: string): TypedColumn | undefined {
    const found = this.column(name)
    const codec = found && this.#dialect.codec(found.description)
    return found && codec ? { ...found, codec } : undefined
  }

  /** @param types what it must be, for the message */
  typed<C>(
    name: string,
    purpose: string,
    codecOf: (column: ColumnDescription) => C | null,
    types: string,
  ): TypedColumn<C> {
    const found = this.column(name)
    if (found === undefined) {
      const has = [...this.#description.columns.values()].map((column) => column.name).join(', ')
      throw fail(`${this.label} has no column "${name}", which is configured as columns.${purpose}. It has: ${has}.`)
    }
    const codec = codecOf(found.description)
    if (codec === null) {
      throw fail(
        `${this.label}: columns.${purpose} is "${name}" of type ${found.description.type}. It must be ${types}.`,
      )
    }
    return { ...found, codec }
  }

  /** A part of a key: what has exact values that do not change their looks. */
  key(name: string, purpose: string): TypedColumn {
    const exact = (column: ColumnDescription): Codec | null => {
      const codec = this.#dialect.codec(column)
      return codec === null || codec.kind === 'decimal' || codec.kind === 'date or time' ? null : codec
    }
    return this.typed(name, purpose, exact, 'an integer, text, a uuid, or bytes')
  }

  /** For {@link typed}: of that kind, and no other; not an ENUM, which takes few values. */
  ofKind(kind: string): (column: ColumnDescription) => Codec | null {
    return (column) => {
      const codec = this.#dialect.codec(column)
      return codec?.kind === kind && column.members === null ? codec : null
    }
  }

  /** What a row that waits does not have. */
  clearable<C extends { readonly kind: string }>(found: TypedColumn<C>, purpose: string): TypedColumn<C> {
    if (found.description.nullable || found.codec.kind === 'text') return found
    throw fail(
      `${this.label}: columns.${purpose} is "${found.name}", which is NOT NULL. A row that waits has none: allow NULL.`,
    )
  }

  requireRoomForToken(token: TypedColumn): void {
    const length = token.description.maxLength
    const text = token.codec.kind === 'text' && (length ?? 36) >= 36
    if (text || token.codec.kind === 'uuid' || token.codec.kind === '16 bytes') return
    throw fail(
      `${this.label}: columns.token is "${token.name}" of type ${token.description.type}. It must be char(36), a uuid, or binary(16).`,
    )
  }
}
