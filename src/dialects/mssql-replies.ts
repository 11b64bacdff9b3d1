import type { Reply } from '../adapters/adapter.ts'
import type { Answer, Change, Survival, TableName } from './dialect.ts'
import { asText } from './values.ts'

/** A trigger may send rows of its own, so ours are known by their name. */
export function readChange({ rows }: Reply): Change {
  const told = rows.findLast((row) => Object.hasOwn(row, 'claim_rows'))
  if (told === undefined) throw new TypeError('The claim was answered without the row that says what it changed.')
  const transactions = Number(told['claim_transactions'])
  const transactionId = asText(told['claim_transaction_id'])
  return {
    rows: Number(told['claim_rows']),
    session: { inTransaction: transactions > 0, autocommit: Number(told['claim_implicit']) === 0 },
    nested: transactions > 1,
    ...(transactionId === null ? {} : { transactionId }),
  }
}

/** A doomed transaction (-1) can only be rolled back. */
export const isOpenTransaction = ({ rows }: Reply): boolean => Number(rows[0]?.['state']) === 1

/** COMMIT of a nested transaction only lowers a count; one with another number was begun by the effect. */
export function survival(answer: Answer, transactionId: string | null): Survival {
  if ('error' in answer) return 'unknown'
  const row = answer.reply.rows[0]
  if (!isOpenTransaction(answer.reply)) return 'ended'
  if (transactionId !== null && asText(row?.['id']) !== transactionId) return 'ended'
  return Number(row?.['transactions']) === 1 ? 'stands' : 'nested'
}

/** `dbo.orders`, also in brackets: `[dbo].[order]`. */
export function splitName(table: string): TableName {
  const parts = [...table.matchAll(/\[((?:[^\]]|\]\])*)\]|[^.[\]]+/g)].map(
    ([part, bracketed]) => bracketed?.replaceAll(']]', ']') ?? part,
  )
  const [first = table, second] = parts
  return second === undefined ? { schema: null, name: first } : { schema: first, name: parts.slice(1).join('.') }
}
