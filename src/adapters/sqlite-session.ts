import { plain } from '../sql.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'
import type { Reply, Session } from './adapter.ts'
import { runStatement, transactionState } from './sqlite-driver.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'
import { watchDatabase } from './sqlite-handle.ts'

interface WhenDone {
  readonly release: () => void
  readonly destroy: () => void
}

/** The handle is somebody else's: it is neither given back nor closed. */
const KEPT: WhenDone = { release: () => {}, destroy: () => {} }

/** Somebody else's transaction is open on the handle; it is waited for like a lock. */
class HandleInUse extends Error {
  readonly code = 'SQLITE_BUSY'
}

/** A handle, for one attempt. Every statement is answered at once. */
export class SqliteSession implements Session<SqliteDatabase> {
  readonly #database: SqliteDatabase
  readonly #done: WhenDone

  constructor(database: SqliteDatabase, done: WhenDone) {
    this.#database = database
    this.#done = done
  }

  /** On a handle that the program uses, too: see {@link SharedHandle}. */
  static onSharedHandle(database: SqliteDatabase): Session<SqliteDatabase> {
    return new SharedHandle(database)
  }

  /** In the caller's transaction, and never outside of it: a claim that he did not await would commit by itself. */
  static inCallersTransaction(database: SqliteDatabase): Session<SqliteDatabase> {
    const session = new SqliteSession(database, KEPT)
    return {
      send(statement) {
        if (transactionState(database) === false) throw new Error('your transaction is over')
        return session.send(statement)
      },
      handle: (watch) => session.handle(watch),
      release: () => session.release(),
      destroy: () => session.destroy(),
    }
  }

  send(statement: Statement): Reply {
    return runStatement(this.#database, statement)
  }

  handle(watch: TransactionWatch): SqliteDatabase {
    return watchDatabase(this.#database, watch)
  }

  isOpen(): boolean | undefined {
    return transactionState(this.#database)
  }

  release(): void {
    this.#done.release()
  }

  destroy(): void {
    this.#done.destroy()
  }
}

/**
 * From the first statement to the release everything runs in one go. The wait for a lock, which would block the event
 * loop for the handle's whole busy time-out, is taken off at the first statement and put back at the release.
 */
class SharedHandle extends SqliteSession {
  readonly #database: SqliteDatabase
  #busyTimeoutBefore: number | null = null

  constructor(database: SqliteDatabase) {
    super(database, KEPT)
    this.#database = database
  }

  override send(statement: Statement): Reply {
    if (this.#busyTimeoutBefore === null) this.#begin()
    return super.send(statement)
  }

  override release(): void {
    if (this.#busyTimeoutBefore === null) return
    runStatement(this.#database, plain(`pragma busy_timeout = ${this.#busyTimeoutBefore}`))
    this.#busyTimeoutBefore = null
  }

  /** The handle is the program's, and stays open: what is left of a transaction of ours is rolled back. */
  override destroy(): void {
    if (transactionState(this.#database) !== false) {
      try {
        runStatement(this.#database, plain('rollback'))
      } catch {
        // There was none.
      }
    }
    this.release()
  }

  #begin(): void {
    if (transactionState(this.#database) === true) {
      throw new HandleInUse('A transaction of other code is open on this database handle.')
    }
    const asked = runStatement(this.#database, plain('pragma busy_timeout')).rows[0]
    this.#busyTimeoutBefore = Number(asked?.['timeout'] ?? 0)
    runStatement(this.#database, plain('pragma busy_timeout = 0'))
  }
}
