import { ClaimError } from '../errors.ts'
import type { TransactionWatch } from '../watch.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'

type Method = (...parameters: unknown[]) => unknown

/** The handle as the effect gets it: everything that runs SQL passes the watch. Both drivers answer at once. */
export function watchDatabase(database: SqliteDatabase, watch: TransactionWatch): SqliteDatabase {
  const run = (text: string, send: () => unknown): unknown => watch.passAtOnce(text, send)
  const watched: Readonly<Record<string, (method: Method) => Method>> = {
    // Preparing runs nothing yet.
    prepare: (prepare) => (sql) => watchStatement(run('select', () => prepare(sql)) as object, String(sql), watch),
    exec: (exec) => (sql) => run(String(sql), () => exec(sql)),
    pragma:
      (pragma) =>
      (sql, ...options) =>
        run(`pragma ${String(sql)}`, () => pragma(sql, ...options)),
    close: () => () => forbidClose(),
  }
  return watchedObject(database, watched)
}

function watchStatement(statement: object, text: string, watch: TransactionWatch): object {
  const run =
    (method: Method): Method =>
    (...parameters) =>
      watch.passAtOnce(text, () => method(...parameters))
  return watchedObject(statement, {
    run,
    get: run,
    all: run,
    // Read to the end at once: while a statement is open, nothing else could be asked of the connection.
    iterate:
      (iterate) =>
      (...parameters) =>
        watch.passAtOnce(text, () => Array.from(iterate(...parameters) as Iterable<unknown>)).values(),
  })
}

/** Both drivers keep their state in native objects, so methods are called on those and not on the proxy. */
function watchedObject<T extends object>(target: T, watched: Readonly<Record<string, (method: Method) => Method>>): T {
  const proxy: T = new Proxy(target, {
    get(_target, property) {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      const method: Method = (...parameters) => Reflect.apply(value, target, parameters) as unknown
      const watch = typeof property === 'string' && Object.hasOwn(watched, property) ? watched[property] : undefined
      if (watch !== undefined) return watch(method)
      return (...parameters: unknown[]) => {
        const result = method(...parameters)
        return result === target ? proxy : result // pluck(), raw(), safeIntegers() and the like return the statement
      }
    },
  })
  return proxy
}

function forbidClose(): never {
  throw new ClaimError(
    'CLAIM_EFFECT_MISUSE',
    "The effect called close() on the claim's own connection, which was not done.",
  )
}
