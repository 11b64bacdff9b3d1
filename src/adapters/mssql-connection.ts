import type { EventEmitter } from 'node:events'
import driver from 'mssql'
import type { ConnectionPool, ISqlType, Request } from 'mssql'
import type { SqlValue, Statement } from '../sql.ts'
import type { Reply, Row } from './adapter.ts'

/** tedious' own connection, as far as it is used here. */
export interface TediousConnection extends EventEmitter {
  /** Told by the server with every reply: whether a transaction is open, whoever began it. */
  readonly inTransaction: boolean
  /** Another one for each transaction. */
  currentTransactionDescriptor(): unknown
  commitTransaction(callback: (error?: Error | null) => void): void
  rollbackTransaction(callback: (error?: Error | null) => void): void
  close(): void
  /** Every request, by whichever method, is sent through here. */
  makeRequest: MakeRequest
}

export type MakeRequest = (request: TediousRequest, type: number, payload: unknown) => void

/** A statement, a call, a bulk load or a transaction request on its way. */
export interface TediousRequest {
  readonly sqlTextOrProcedure?: unknown
  callback: (error?: unknown, ...results: unknown[]) => void
}

type Borrowed = (error: null, connection: TediousConnection, config: unknown) => void

/** One connection, out of the pool until it is given back. */
export class Held {
  readonly connection: TediousConnection
  readonly giveBack: () => void
  readonly #pool: ConnectionPool

  constructor(connection: TediousConnection, pool: ConnectionPool, giveBack: () => void) {
    this.connection = connection
    this.giveBack = giveBack
    this.#pool = pool
  }

  /**
   * Stands in the place of the pool: whatever borrows from it (a Request, a Transaction) gets this connection, and what
   * it gives back stays here. So the connection goes to the pool once, and not before it is in order.
   *
   * @param lent what is lent: the connection, or something that stands for it
   * @param hand how it is handed out
   */
  parent(lent: TediousConnection, hand: (give: () => void) => void = (give) => give()): ConnectionPool {
    const pool = this.#pool
    const parent = {
      connected: true,
      get config(): unknown {
        return Reflect.get(pool, 'config') as unknown
      },
      get collation(): unknown {
        return Reflect.get(pool, 'collation') as unknown
      },
      acquire(_borrower: unknown, borrowed: Borrowed): unknown {
        setImmediate(() => hand(() => borrowed(null, lent, parent.config)))
        return parent
      },
      release: (): unknown => parent,
    }
    return parent as unknown as ConnectionPool
  }
}

/**
 * Types are ours, not those that the program may have registered for its own strings; and with a length, or every length
 * of an id would have a plan of its own on the server.
 */
function typeOf(value: SqlValue): ISqlType {
  if (value instanceof Uint8Array) return driver.VarBinary(value.length > 8000 ? driver.MAX : 8000)
  return driver.NVarChar(typeof value === 'string' && value.length > 4000 ? driver.MAX : 4000)
}

/** By `sp_executesql`, which undoes what it has set; or as a batch, which lasts. */
type How = 'query' | 'batch'

/** Sends one statement. Its rows are those of all its result sets, in their order. */
export async function ask(request: Request, { sql, parameters }: Statement, how: How = 'query'): Promise<Reply> {
  parameters.forEach((value, index) => request.input(String(index + 1), typeOf(value), value))
  // Whatever the pool is set to.
  request.stream = false
  request.arrayRowMode = false
  const { recordsets, rowsAffected } = await request[how]<Row>(sql)
  return {
    rows: Object.values(recordsets).flat(),
    affectedRows: rowsAffected.reduce((sum, affected) => sum + affected, 0),
  }
}
