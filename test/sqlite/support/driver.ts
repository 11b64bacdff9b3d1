import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'

/** A value as both drivers take it and give it back. */
export type Value = string | number | bigint | Uint8Array | null

/** One statement of a test. */
export type Sql = readonly [text: string, ...parameters: Value[]]
export type Rows = readonly Readonly<Record<string, Value>>[]

export type DriverName = 'better-sqlite3' | 'node:sqlite'
export type Handle = Database.Database | DatabaseSync

/** Handles that a test has not closed. One file must be opened by one of the two drivers only. */
const open = new Set<Handle>()

/** Both with better-sqlite3's default wait for a lock: five seconds, in which nothing else of the process runs. */
export function openHandle(driver: DriverName, file: string): Handle {
  const handle = driver === 'better-sqlite3' ? new Database(file) : new DatabaseSync(file)
  query(handle, ['pragma busy_timeout = 5000'])
  open.add(handle)
  return handle
}

/** Also those that an adapter opened through {@link openHandle}: before the file is removed or changes drivers. */
export function closeHandles(): void {
  for (const handle of open) {
    try {
      handle.close()
    } catch {
      // The test or the adapter has closed it.
    }
  }
  open.clear()
}

/** Runs one statement, of which better-sqlite3 wants to know beforehand whether it answers with rows. */
export function query(handle: Handle, [text, ...parameters]: Sql): Rows {
  const statement = handle.prepare(text)
  if ('reader' in statement && !statement.reader) {
    statement.run(...parameters)
    return []
  }
  return statement.all(...parameters) as Rows
}

export const busyTimeoutOf = (handle: Handle): number =>
  Number(query(handle, ['select timeout from pragma_busy_timeout'])[0]!['timeout'])

export const inTransaction = (handle: Handle): boolean =>
  'inTransaction' in handle ? handle.inTransaction : handle.isTransaction
