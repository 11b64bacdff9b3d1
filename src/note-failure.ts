import { setTimeout } from 'node:timers/promises'
import type { Call, Kind } from './call.ts'
import { Deadline } from './deadline.ts'
import type { ColumnDescription } from './dialects/dialect.ts'
import { messageOf, UnknownClaimError } from './errors.ts'
import { NAMES } from './names.ts'
import { ORDER_CALL } from './order-call.ts'
import { PLAIN_SHAPE, shapeOf } from './statements.ts'
import type { SqlValue } from './sql.ts'
import { CLAIMED } from './strategies/strategy.ts'
import type { Table } from './table.ts'
import { TRANSITIONS } from './transitions.ts'
import { tryUntilDecided } from './tries.ts'

/** How long writing a failure down may take, in milliseconds: the gateway waits for its answer. */
const NOTE_MS = 500
/** Where the column would take a whole book. */
const MOST_CHARACTERS = 4000

type Noted = 'noted' | 'does not wait' | 'busy'

/** One guarded UPDATE. An order that does not wait any more was claimed by somebody else meanwhile: no row, and no harm. */
const NOTE: Kind<Noted> = {
  *decide(claim) {
    yield* claim.begin()
    return (yield* claim.update()) ? CLAIMED : { is: 'decided', result: 'does not wait' }
  },
  *decideAgain() {
    return { is: 'decided', result: 'does not wait' }
  },
  transition: TRANSITIONS.noteFailure,
  won: () => 'noted',
  recovered: null,
  busy: 'busy',
  unknownId: 'does not wait',
  token: null,
  onlyReads: false,
}

/**
 * Money that arrived is not silent: that the effect has failed, and why, is written beside the waiting order, in a
 * transaction of its own, where the table has a column for either. It fails without a word but an event: the error of
 * the effect is what the caller must be told.
 */
export async function noteFailure(failed: Call, error: unknown): Promise<void> {
  const { table, joined } = failed
  if (joined || error instanceof UnknownClaimError) return
  if (table.attempts === null && table.lastError === null && table.dueAt === null) return
  const call = (): Call<Noted> => ({
    ...failed,
    ...ORDER_CALL,
    ...NOTE,
    // A worker that goes on with it has nobody to ask for the payment.
    shape: table.dueAt === null ? PLAIN_SHAPE : shapeOf({ ...failed.shape, read: [], own: false }),
    values: new Map(failed.values).set(NAMES.error, errorText(error, table)),
    effect: undefined,
    needsTransaction: false,
    resolving: false,
    deadline: new Deadline(NOTE_MS, undefined),
  })
  const progress = { operation: 'claimOnce', orderId: null, strategy: 'conditional', startedAt: 0, attempt: 1 } as const
  const bounds = { timeoutMs: NOTE_MS, lockTimeoutMs: null, retries: 1, resolveTimeoutMs: 0 }
  const startedAt = performance.now()
  try {
    // Other callbacks have the row for a moment: some servers answer "busy" at once, where they wait for whole seconds only.
    while (true) {
      const decided = await tryUntilDecided(call(), bounds, null, { ...progress })
      if (decided.is === 'unknown') throw decided.error
      if (decided.result !== 'busy') return
      if (performance.now() - startedAt > NOTE_MS) throw new Error('The order is locked by somebody else.')
      await setTimeout(20 + Math.random() * 30)
    }
  } catch (failure) {
    failed.tell({ type: 'failure_not_noted', error: failure })
  }
}

/** What fits into `columns.lastError`. */
export function errorText(error: unknown, { lastError }: Pick<Table, 'lastError'>): SqlValue {
  if (lastError === null) return null
  const name = error instanceof Error ? `${error.name}: ` : ''
  return fitting(`${name}${messageOf(error)}`.toWellFormed().replace(/\s+/g, ' '), lastError.description)
}

/**
 * Cut where whichever way of counting the database has comes to its end: characters, UTF-16 units (NVARCHAR), bytes (TEXT
 * of MySQL, UTF-8 columns of SQL Server). Characters that the column's set may not hold become question marks.
 */
function fitting(text: string, { characterSet, maxLength, type }: ColumnDescription): string {
  const most = Math.min(maxLength ?? MOST_CHARACTERS, MOST_CHARACTERS)
  const inBytes = type.endsWith('text') || characterSet === 'utf8'
  let fits = ''
  let length = 0
  for (const character of text) {
    const held = holds(characterSet, character) ? character : '?'
    length += inBytes ? Buffer.byteLength(held) : held.length
    if (length > most) break
    fits += held
  }
  return fits
}

function holds(characterSet: string | null, character: string): boolean {
  if (characterSet === null || characterSet === 'utf8mb4') return true
  return characterSet.startsWith('utf8') ? character.length === 1 : character <= '\x7e'
}
