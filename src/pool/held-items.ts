import type { Row } from '../adapters/adapter.ts'
import { asText, isTrue } from '../dialects/values.ts'
import type { DrawAnswer, DrawRequest } from './draw-call.ts'
import { POOL_FIELDS } from './pool-statements.ts'

const OWN = new Set<string>(Object.values(POOL_FIELDS))

/** An item as the user gets it: what he asked to read, and the slot. */
export const itemOf = (row: Row, slot: number): Row => ({
  ...Object.fromEntries(Object.entries(row).filter(([name]) => !OWN.has(name))),
  slot,
})

/** What each who asks has already; `null`: nothing. Owners are compared as themselves, whatever the column's collation. */
export function heldBy(rows: readonly Row[], requests: readonly DrawRequest[]): (DrawAnswer | null)[] {
  return requests.map(({ owner, count }) => {
    const own = rows.filter((row) => asText(row[POOL_FIELDS.owner]) === shown(owner))
    if (own.length === 0) return null
    const items = own.map((row) => itemOf(row, Number(asText(row[POOL_FIELDS.slot]))))
    if (own.every((row) => isTrue(row[POOL_FIELDS.ownToken]))) {
      return { is: 'given', items, value: undefined, recovered: true }
    }
    const matches = own.every((row) => row[POOL_FIELDS.matches] === undefined || isTrue(row[POOL_FIELDS.matches]))
    return { is: 'held', items, asAsked: own.length === count && matches }
  })
}

const shown = (owner: unknown): string | null =>
  owner instanceof Uint8Array ? Buffer.from(owner).toString('hex') : asText(owner)
