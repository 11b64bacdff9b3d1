import type { Adapter, Reply, Session } from '../../src/adapters/adapter.ts'
import type { SqlValue, Statement } from '../../src/sql.ts'

/** What stands for a parameter that is another one in each draw. The numbers are places in lists. */
export type Parameter =
  | { readonly is: 'fixed'; readonly value: SqlValue }
  | { readonly is: 'owner'; readonly index: number }
  | { readonly is: 'item'; readonly index: number }
  | { readonly is: 'token' }

/** A statement of a draw, as the library sends it. */
export interface Step {
  readonly sql: string
  readonly parameters: readonly Parameter[]
  /** `pick` reads or locks free cards; `take` is the guarded UPDATE. */
  readonly does: 'pick' | 'take' | 'other'
}

interface Sent {
  readonly statement: Statement
  readonly reply: Reply
}

/** An adapter that writes down what goes through it. */
export function recording<Tx>(adapter: Adapter<Tx>, sent: Sent[]): Adapter<Tx> {
  return {
    ...adapter,
    async open(waiting): Promise<Session<Tx>> {
      const session = await adapter.open(waiting)
      return {
        async send(statement) {
          const reply = await session.send(statement)
          sent.push({ statement, reply })
          return reply
        },
        handle: (watch) => session.handle(watch),
        release: () => session.release(),
        destroy: () => session.destroy(),
      }
    },
  }
}

const TOKEN = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** The steps of one draw for these owners that nobody disturbed. */
export function stepsOf(sent: readonly Sent[], owners: readonly string[]): readonly Step[] {
  const take = sent.find(({ reply }) => reply.affectedRows > 0)
  const picked = sent.flatMap(({ reply }) => reply.rows.map((row) => String(row['pool_id'])))
  // In the order in which the UPDATE names them, which is not that of the pick where one is chosen at random.
  const items = [...new Set(take?.statement.parameters.map(String))].filter((value) => picked.includes(value))
  if (take?.reply.affectedRows !== owners.length || items.length !== owners.length) {
    throw new Error(`The draw to be recorded did not take ${owners.length} cards by one UPDATE.`)
  }
  const parameter = (value: SqlValue): Parameter => {
    const text = String(value)
    if (owners.includes(text)) return { is: 'owner', index: owners.indexOf(text) }
    if (items.includes(text)) return { is: 'item', index: items.indexOf(text) }
    return TOKEN.test(text) ? { is: 'token' } : { is: 'fixed', value }
  }
  return sent.map(({ statement, reply }) => ({
    sql: statement.sql,
    parameters: statement.parameters.map(parameter),
    does: reply.affectedRows > 0 ? 'take' : reply.rows.length > 0 ? 'pick' : 'other',
  }))
}
