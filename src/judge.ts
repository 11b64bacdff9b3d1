import type { Row } from './adapters/adapter.ts'
import type { CheckedConfig } from './config.ts'
import { asText, isTrue } from './dialects/values.ts'
import type { Busy, ClaimResult, MismatchedColumn, State } from './outcome.ts'
import { FIELDS, NAMES } from './names.ts'
import { noResult } from './result.ts'
import type { Shape } from './statements.ts'
import type { SqlValue } from './sql.ts'
import type { Table } from './table.ts'

/** What a committed, current read of the order says: it may be claimed, or why not. */
export type Judgement =
  | { readonly is: 'claimable'; readonly version: SqlValue }
  /** This very call has claimed it, and was not told. `state` is where the order is now. */
  | { readonly is: 'own'; readonly state: State | null; readonly value: unknown }
  /** Somebody works for it, or did until its lease was over. */
  | {
      readonly is: 'leased'
      readonly isOver: boolean
      readonly status: State
      readonly result: Busy
      /** In what the order is not the one that was paid for: whoever takes it over expects it, too. */
      readonly mismatches: readonly MismatchedColumn[]
    }
  | { readonly is: 'decided'; readonly result: Exclude<ClaimResult<unknown>, { outcome: 'claimed' | 'busy' }> }

export interface Question {
  readonly config: CheckedConfig
  readonly table: Table
  readonly shape: Shape
  readonly values: ReadonlyMap<string, SqlValue>
  readonly provisional: boolean
}

/**
 * Zero rows is not "duplicate": it is told from the row which of the five facts it is. Status is judged before
 * `expect`: a claimed order whose amount has changed since is a duplicate, not a mismatch.
 */
export function judge(row: Row | undefined, question: Question): Judgement {
  const { config, table, shape, provisional } = question
  if (row === undefined) return { is: 'decided', result: { outcome: 'not_found', reply: 'call_again', provisional } }

  const status = table.state(asText(row[FIELDS.status]))
  if (isOneOf(status, [config.states.waiting])) {
    const columns = mismatches(row, question)
    if (columns.length > 0)
      return { is: 'decided', result: { outcome: 'mismatch', reply: 'review', columns, provisional } }
    return { is: 'claimable', version: versionOf(row[FIELDS.version], table) }
  }
  const value = valueOf(row, table)
  // Whatever has become of the order since: the claim was this call's.
  if (shape.own && isTrue(row[FIELDS.ownToken])) return { is: 'own', state: status, value }
  const leased = isOneOf(status, [config.states.processing])
  if (status === null || !(leased || isOneOf(status, [config.states.claimed, ...config.states.afterClaimed]))) {
    return { is: 'decided', result: { outcome: 'wrong_status', reply: 'review', status, provisional } }
  }

  const milliseconds = asText(row[FIELDS.claimedAtMs])
  const claimedAt = milliseconds === null ? null : new Date(Math.floor(Number(milliseconds)))
  const claimedBy = asText(row[FIELDS.paymentId])
  // An order that was claimed without a payment, by hand or before the column was there, is no second payment.
  if (shape.paymentId && claimedBy !== null && claimedBy !== '' && !isTrue(row[FIELDS.samePayment])) {
    const paymentId = asText(question.values.get(NAMES.paymentId)) ?? ''
    return {
      is: 'decided',
      result: { outcome: 'second_payment', reply: 'review', status, claimedAt, claimedBy, paymentId, provisional },
    }
  }
  if (leased) return leasedOrder(row, status, question)
  return { is: 'decided', result: { outcome: 'duplicate', reply: 'handled', status, claimedAt, value, provisional } }
}

/** Where no time is told, somebody has put the order into *processing* by hand: it is never taken over. */
function leasedOrder(row: Row, status: State, question: Question): Judgement {
  const { provisional } = question
  const told = asText(row[FIELDS.leaseMs])
  const remainingMs = told === null ? null : Math.ceil(Number(told))
  const retryAfterMs = remainingMs === null ? null : Math.max(0, remainingMs)
  const isOver = remainingMs !== null && remainingMs <= 0
  const result: Busy = { outcome: 'busy', reply: 'call_again', retryAfterMs, provisional }
  return { is: 'leased', isOver, status, result, mismatches: mismatches(row, question) }
}

/** What the first call's effect had returned. What is no JSON was not written by us. */
function valueOf(row: Row, table: Table): unknown {
  const kept = asText(row[FIELDS.result])
  if (kept === null || kept === '' || kept === noResult(table)) return undefined
  try {
    return JSON.parse(kept)
  } catch {
    return undefined
  }
}

/** A rowversion is eight bytes, and goes back as it came; the others are read as text. */
const versionOf = (value: unknown, { version }: Table): SqlValue =>
  version?.codec.kind === 'rowversion' && Buffer.isBuffer(value) ? value : asText(value)

const isOneOf = (status: State | null, states: readonly (State | null)[]): boolean =>
  status !== null && states.includes(status)

function mismatches(row: Row, { shape, values }: Question): MismatchedColumn[] {
  return shape.expect.flatMap((column, index) => {
    if (isTrue(row[FIELDS.matches(index)])) return []
    return [{ column, expected: shown(values.get(NAMES.expect(column))), actual: asText(row[FIELDS.actual(index)]) }]
  })
}

const shown = (value: SqlValue | undefined): string | null =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : asText(value)
