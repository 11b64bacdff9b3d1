import type { Reply } from './adapters/adapter.ts'
import { statesOf } from './config.ts'
import type { CheckedStates } from './config.ts'
import type { Dialect } from './dialects/dialect.ts'
import { RefusedValue } from './dialects/codec.ts'
import { lengthOf } from './dialects/values.ts'
import { ClaimError } from './errors.ts'
import type { State } from './outcome.ts'
import type { SqlValue, Statement } from './sql.ts'
import type { Table, TypedColumn } from './table.ts'

const fail = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

/** A state that the column cannot hold would be cut or emptied without a word under `sql_mode = ''`. */
export function bindState(label: string, status: TypedColumn, state: State): SqlValue {
  const { description, codec } = status
  const refused = (why: string): ClaimError =>
    fail(
      `${label}: states holds ${JSON.stringify(state)}, but the column "${status.name}" of type ${description.type} ${why}.`,
    )
  if (codec.kind === 'text' && typeof state === 'number') throw refused('holds text: write the state as a string')
  if (codec.kind === 'integer' && typeof state === 'string')
    throw refused('holds integers: write the state as a number')
  if (codec.kind !== 'text' && codec.kind !== 'integer') throw refused('holds neither text nor integers')
  if (description.members !== null && !description.members.includes(String(state)))
    throw refused(`knows only: ${description.members.join(', ')}`)
  if (description.maxLength !== null && lengthOf(String(state)) > description.maxLength)
    throw refused('is too short for it')
  try {
    const value = codec.encode(state)
    if (value !== undefined) return value
  } catch (error) {
    if (!(error instanceof RefusedValue)) throw error
  }
  throw refused('cannot hold it')
}

/** The states as parameters, and the way to read the status column's text back as the state that is configured. */
export function bindStates(
  label: string,
  status: TypedColumn,
  states: CheckedStates,
): Pick<Table, 'states' | 'closed'> & { readonly read: Table['state'] } {
  const bound = (state: State | null): SqlValue => (state === null ? null : bindState(label, status, state))
  for (const state of states.afterClaimed) bound(state)
  const known = new Map(statesOf(states).map((state) => [String(state), state]))
  return {
    states: {
      waiting: bound(states.waiting),
      claimed: bound(states.claimed),
      processing: bound(states.processing),
      failed: bound(states.failed),
    },
    closed: new Map(states.closed.map((state) => [state, bound(state)])),
    read(text) {
      if (text === null) return null
      return known.get(text) ?? (status.codec.kind === 'integer' ? Number(text) : text)
    },
  }
}

/** Asks the server whether two of the states are one under the column's collation, and refuses them. */
export function* refuseSameStates(
  states: readonly State[],
  { label, status }: Pick<Table, 'label' | 'status'>,
  dialect: Dialect,
): Generator<Statement, void, Reply> {
  for (const [index, first] of states.entries()) {
    for (const second of states.slice(index + 1)) {
      const values = [first, second].map((state) => bindState(label, status, state))
      const answer = yield dialect.sameState(status.description, values[0] ?? null, values[1] ?? null)
      const same = Number(answer.rows[0]?.['same']) === 1
      if (same || first === second) {
        throw fail(
          `${label}: the states ${JSON.stringify(first)} and ${JSON.stringify(second)} are the same to the column ` +
            `"${status.name}" (${status.description.collation ?? status.description.type}). States must differ.`,
        )
      }
    }
  }
}
