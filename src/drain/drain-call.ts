import type { Row } from '../adapters/adapter.ts'
import { refuseRounded } from '../claim-unit.ts'
import { asText, isTrue } from '../dialects/values.ts'
import { FIELDS, NAMES } from '../names.ts'
import { padded } from '../padded.ts'
import type { SqlValue } from '../sql.ts'
import type { Table } from '../table.ts'

/** An order as a worker has read it. */
export interface FoundOrder {
  /** One text for one order, whatever its id is made of. */
  readonly key: string
  /** As parameters. */
  readonly ids: readonly SqlValue[]
  readonly attempts: number
  readonly leased: boolean
  /** The columns that were asked for. */
  readonly columns: Row
}

/** An order that is leased to this run. */
export interface TakenOrder extends Omit<FoundOrder, 'leased'> {
  /** Somebody had it before, and let his lease run out. */
  readonly wasLeased: boolean
}

/** Reads what the statements of a worker select. Throws `CLAIM_CONFIG` where the driver has rounded it. */
export function foundOrder(row: Row, read: readonly string[], table: Pick<Table, 'id' | 'comparable'>): FoundOrder {
  refuseRounded(row, read, table)
  const columns = Object.fromEntries(read.map((name) => [name, row[name]]))
  const ids = table.id.map((column, index): SqlValue => {
    const value = row[FIELDS.id(index)]
    if (value instanceof Uint8Array && column.codec.kind.endsWith('bytes')) return Buffer.from(value)
    // As every call binds it, so that the idempotency key is the same.
    const text = asText(value)
    return text === null ? null : (column.codec.encode(text) ?? text)
  })
  const leased = isTrue(row[FIELDS.leased])
  const attempts = Number(asText(row[FIELDS.attempts]) ?? 0)
  const key = JSON.stringify(ids.map((id) => (id instanceof Uint8Array ? Buffer.from(id).toString('hex') : String(id))))
  return { key, ids, attempts, leased, columns }
}

/** The id as a caller would give it. */
export function orderIdOf({ ids }: Pick<FoundOrder, 'ids'>, { id }: Pick<Table, 'id'>): unknown {
  return id.length === 1 ? ids[0] : Object.fromEntries(id.map((column, index) => [column.name, ids[index]]))
}

/** The ids of several orders under the names that statements about several rows have for them. */
export function bindIds(
  values: ReadonlyMap<string, SqlValue>,
  orders: readonly Pick<FoundOrder, 'ids'>[],
): Map<string, SqlValue> {
  const bound = new Map(values)
  padded(orders).forEach(({ ids }, row) => ids.forEach((id, index) => bound.set(NAMES.idOf(row, index), id)))
  return bound
}
