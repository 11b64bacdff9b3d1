import { plain } from '../sql.ts'
import { runStatement } from './sqlite-driver.ts'
import type { Waiting } from './adapter.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'

/** SQLite has one writer at a time: more connections would only poll for its lock, where here they wait in line. */
const LIMIT = 1

interface Waiter {
  readonly resolve: (database: SqliteDatabase) => void
  readonly reject: (error: unknown) => void
}

/** The connections to one file, lent to one attempt each, in the order in which they are asked for. */
export class ConnectionPool {
  readonly #open: () => SqliteDatabase
  readonly #all = new Set<SqliteDatabase>()
  readonly #free: SqliteDatabase[] = []
  readonly #waiting: Waiter[] = []
  #closed = false

  constructor(open: () => SqliteDatabase) {
    this.#open = open
  }

  async take(asking: Waiting): Promise<SqliteDatabase> {
    if (this.#closed) throw new Error('The connections of this adapter are closed.')
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#all.size < LIMIT) return this.#opened()
    return await new Promise<SqliteDatabase>((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiting.push(waiter)
      asking.signal.addEventListener('abort', () => this.#waiting.splice(this.#waiting.indexOf(waiter) >>> 0, 1), {
        once: true,
      })
    })
  }

  giveBack(database: SqliteDatabase): void {
    if (!this.#all.has(database)) return
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(database)
    else next.resolve(database)
  }

  /** Closes a connection of which nobody knows the state; SQLite rolls its transaction back. */
  drop(database: SqliteDatabase): void {
    if (!this.#all.delete(database)) return
    database.close()
    const next = this.#waiting.shift()
    if (next === undefined) return
    try {
      next.resolve(this.#opened())
    } catch (error) {
      next.reject(error)
    }
  }

  close(): void {
    this.#closed = true
    for (const waiter of this.#waiting.splice(0))
      waiter.reject(new Error('The connections of this adapter are closed.'))
    for (const database of this.#all) database.close()
    this.#all.clear()
    this.#free.length = 0
  }

  /** The driver's own wait for a lock would block the event loop, in which the holder's effect may be waiting. */
  #opened(): SqliteDatabase {
    const database = this.#open()
    runStatement(database, plain('pragma busy_timeout = 0'))
    this.#all.add(database)
    return database
  }
}
