import { ClaimError } from '../errors.ts'
import type { TransactionWatch } from '../watch.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'

type Method = (...parameters: unknown[]) => unknown
type Wrap = (method: Method) => Method

/** These run no SQL and change nothing that outlives the effect. Whatever else a driver has is refused. */
const HARMLESS = ['columns', 'location', 'toString', 'valueOf']

/** These set how a statement answers, and return it. */
const SETTINGS = [
  'bind',
  'expand',
  'pluck',
  'raw',
  'safeIntegers',
  'setAllowBareNamedParameters',
  'setAllowUnknownNamedParameters',
  'setReadBigInts',
  'setReturnArrays',
]

/** The handle as the effect gets it: everything that runs SQL passes the watch. Both drivers answer at once. */
export function watchDatabase(database: SqliteDatabase, watch: TransactionWatch): SqliteDatabase {
  const run =
    (text: (first: unknown) => string): Wrap =>
    (method) =>
    (first, ...rest) =>
      watch.passAtOnce(text(first), () => method(first, ...rest))
  const proxy: SqliteDatabase = watchedObject(database, {
    // Preparing runs nothing yet.
    prepare: (prepare) => (sql) => {
      const statement = watch.passAtOnce('select', () => prepare(sql)) as object
      return watchStatement(statement, String(sql), watch, () => proxy)
    },
    exec: run(String),
    pragma: run((pragma) => `pragma ${String(pragma)}`),
    // better-sqlite3's: a savepoint inside an open transaction. Its own statements are sent past every method.
    transaction: (make) => (work) => watchTransaction(make(work) as Method, watch),
  })
  return proxy
}

function watchStatement(
  statement: object,
  text: string,
  watch: TransactionWatch,
  database: () => SqliteDatabase,
): object {
  const run: Wrap =
    (method) =>
    (...parameters) =>
      watch.passAtOnce(text, () => method(...parameters))
  // Read to the end at once: while a statement is open, nothing else could be asked of the connection.
  const iterate: Wrap =
    (method) =>
    (...parameters) =>
      watch.passAtOnce(text, () => [...(method(...parameters) as Iterable<unknown>)]).values()
  const set: Wrap =
    (method) =>
    (...parameters) => {
      method(...parameters)
      return proxy
    }
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, set]))
  const proxy: object = watchedObject(statement, { ...settings, run, get: run, all: run, iterate }, { database })
  return proxy
}

/** The function that `transaction()` gives, and its variants (`immediate`). */
function watchTransaction(work: Method, watch: TransactionWatch): Method {
  // Not over the function itself: its variants are read-only, and a proxy must give those as they are.
  return new Proxy(() => {}, {
    apply: (_target, self, parameters) =>
      watch.passAtOnce('savepoint', (): unknown => Reflect.apply(work, self, parameters)),
    get(_target, property) {
      const variant: unknown = Reflect.get(work, property)
      return typeof variant === 'function' && variant !== work ? watchTransaction(variant as Method, watch) : undefined
    },
  })
}

/**
 * Both drivers keep their state in native objects, so methods are called on those and not on the proxy; some of their
 * properties are read-only, which a proxy over them would have to give as they are.
 */
function watchedObject<T extends object>(
  target: T,
  wraps: Readonly<Record<string, Wrap>>,
  properties: Readonly<Record<string, () => unknown>> = {},
): T {
  return new Proxy({} as T, {
    getPrototypeOf: () => Reflect.getPrototypeOf(target),
    has: (_target, property) => Reflect.has(target, property),
    get(_target, property) {
      const name = String(property)
      const replaced = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (replaced !== undefined) return replaced()
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function' || name === 'constructor') return value
      const method: Method = (...parameters) => Reflect.apply(value, target, parameters) as unknown
      const wrap = Object.hasOwn(wraps, name) ? wraps[name] : undefined
      if (wrap !== undefined) return wrap(method)
      return HARMLESS.includes(name) ? method : () => forbid(name)
    },
  })
}

function forbid(method: string): never {
  throw new ClaimError(
    'CLAIM_EFFECT_MISUSE',
    `The effect called ${method}() on the claim's own connection, which was not done. ` +
      'An effect has prepare(), exec(), pragma() and, with better-sqlite3, transaction().',
  )
}
