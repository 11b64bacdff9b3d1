import type { SqlValue, Template } from '../sql.ts'

/** How the values of one column are bound, compared exactly, and read back. */
export interface Codec {
  /** What it is, for messages: `integer`, `text`, `16 bytes`. */
  readonly kind: string
  /**
   * The parameter for a value of the caller. `undefined`: no row can hold it (`'1abc'` in an integer column).
   * Throws {@link RefusedValue} for what nobody should pass here.
   */
  encode(value: unknown): SqlValue | undefined
  /** `column = value`: exact, and served by the column's index. */
  equals(column: Template, value: Template): Template
  /** The same, true also where both are NULL. */
  matches(column: Template, value: Template): Template
  /** The column as canonical text. */
  text(column: Template): Template
}

/** The value is of a kind that is never right for the column: the message ends a sentence that names the argument. */
export class RefusedValue extends Error {}

/** What a version column is, and how a claim moves it on. */
export interface VersionCodec extends Codec {
  /** `null`: the server moves it by itself, on every update. */
  readonly next: ((column: Template) => Template) | null
}

/** How a column that says when an order was claimed is written and read. */
export interface ClockCodec {
  readonly kind: 'time'
  /** Now, by the database's clock, in UTC. */
  readonly now: Template
  /** Milliseconds since 1970, as a number or text. */
  milliseconds(column: Template): Template
}

/** How a column that says until when a lease lasts is written and read, all by the database's clock. */
export interface LeaseCodec extends ClockCodec {
  /** So many milliseconds from now. */
  after(ms: Template): Template
  /** Milliseconds from now until the time in the column; below zero once it has passed. */
  remainingMs(column: Template): Template
}
