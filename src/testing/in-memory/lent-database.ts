import type { DatabaseSync } from 'node:sqlite'
import type { Session } from '../../adapters/adapter.ts'
import { transactionState } from '../../adapters/sqlite-driver.ts'

/**
 * The one handle, as a connection that can be closed and opened again: a second connection to `:memory:` would be another
 * database, and closing this one would drop its tables. What closing a connection does to a transaction is done.
 */
export function lentDatabase(database: DatabaseSync): DatabaseSync {
  const close = (): void => {
    if (transactionState(database) === false) return
    try {
      database.exec('rollback')
    } catch {
      // There was none: Node before 22.16 does not tell.
    }
  }
  return new Proxy(database, {
    get(target, property) {
      if (property === 'close') return close
      // Methods of native objects know no proxy.
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** The test has a transaction open on the handle; it is waited for like a lock. */
class HandleInUse extends Error {
  readonly code = 'SQLITE_BUSY'
}

/** A claim that begins while the test has a transaction open does not become a part of it. */
export function apartFromOthers(session: Session<DatabaseSync>, database: DatabaseSync): Session<DatabaseSync> {
  let begun = false
  return {
    send(statement) {
      if (!begun && transactionState(database) === true)
        throw new HandleInUse('A transaction of the test is open on this database.')
      begun = true
      return session.send(statement)
    },
    handle: (watch) => session.handle(watch),
    isOpen: () => session.isOpen?.(),
    release: () => session.release(),
    destroy: () => session.destroy(),
  }
}
