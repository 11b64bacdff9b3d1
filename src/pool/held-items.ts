import type { Row } from '../adapters/adapter.ts'
import type { Codec } from '../dialects/codec.ts'
import { RefusedValue } from '../dialects/codec.ts'
import { asText, isTrue } from '../dialects/values.ts'
import { FIELDS } from '../names.ts'
import type { SqlValue } from '../sql.ts'
import { padded } from '../padded.ts'
import type { DrawAnswer, DrawRequest } from './draw-call.ts'
import { POOL_FIELDS, POOL_NAMES } from './pool-names.ts'

const { autocommit, open, readOnly } = FIELDS
const OWN = new Set<string>([...Object.values(POOL_FIELDS), autocommit, open, readOnly])

/** What an owner has; or had, until the time of his reservation was over. */
export type Holding = { readonly ids: readonly string[] } & (
  Extract<DrawAnswer, { readonly is: 'given' | 'held' }> | { readonly is: 'lapsed' }
)

/** An item as the user gets it: what he asked to read, and the slot. */
export const itemOf = (row: Row, slot: number): Row => ({
  ...Object.fromEntries(Object.entries(row).filter(([name]) => !OWN.has(name))),
  slot,
})

export const idOf = (row: Row): string => asText(row[POOL_FIELDS.id]) ?? ''

/** An id as the database shows it, as a parameter. `undefined`: no row has it. */
export function idParameter({ codec }: { readonly codec: Codec }, text: string): SqlValue | undefined {
  if (codec.kind.endsWith('bytes')) return Buffer.from(text, 'hex')
  try {
    return codec.encode(text)
  } catch (error) {
    if (error instanceof RefusedValue) return undefined
    throw error
  }
}

/** The parameters of a statement that names these items; an id that no row can have is NULL, which no id equals. */
export const itemParameters = (
  column: { readonly codec: Codec },
  ids: readonly string[],
): (readonly [string, SqlValue])[] =>
  padded(ids).map((id, index) => [POOL_NAMES.item(index), idParameter(column, id) ?? null] as const)

/** What each who asks has already; `null`: nothing. Owners are compared as themselves, whatever the column's collation. */
export function heldBy(rows: readonly Row[], requests: readonly DrawRequest[]): (Holding | null)[] {
  return requests.map(({ owner, count }) => {
    const own = rows.filter((row) => asText(row[POOL_FIELDS.owner]) === shown(owner))
    if (own.length === 0) return null
    const ids = own.map(idOf)
    const expiresInMs = remainingMs(own)
    if (expiresInMs !== null && expiresInMs <= 0) return { is: 'lapsed', ids }
    const items = own.map((row) => itemOf(row, Number(asText(row[POOL_FIELDS.slot]))))
    if (own.every((row) => isTrue(row[POOL_FIELDS.ownToken]))) {
      return { is: 'given', ids, items, value: undefined, recovered: true, expiresInMs }
    }
    const matches = own.every((row) => row[POOL_FIELDS.matches] === undefined || isTrue(row[POOL_FIELDS.matches]))
    return { is: 'held', ids, items, asAsked: own.length === count && matches, expiresInMs }
  })
}

/** How long they are reserved; `null`: they are taken for good. What was given together ends together. */
function remainingMs(rows: readonly Row[]): number | null {
  const reserved = rows.filter((row) => isTrue(row[POOL_FIELDS.isReserved]))
  if (reserved.length === 0) return null
  return Math.min(...reserved.map((row) => Math.floor(Number(asText(row[POOL_FIELDS.remainingMs]) ?? 0))))
}

const shown = (owner: unknown): string | null =>
  owner instanceof Uint8Array ? Buffer.from(owner).toString('hex') : asText(owner)
