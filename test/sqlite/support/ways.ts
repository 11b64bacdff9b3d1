import type Database from 'better-sqlite3'
import { CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import type { Transaction } from 'kysely'
import { kysely } from '../../../src/adapters/kysely.ts'
import { sqlite } from '../../../src/adapters/sqlite.ts'
import { createClaims } from '../../../src/index.ts'
import type { ClaimEvent, ClaimResult, EffectContext, ResetResult } from '../../../src/index.ts'
import type { RawOptions } from '../../../src/options.ts'
import { runAtOnce, runLater } from '../../../src/steps.ts'
import { ORDERS } from '../../support/orders.ts'
import type { ShopTables } from '../../support/orders.ts'
import { openHandle, query } from './driver.ts'
import type { DriverName, Handle, Rows, Sql } from './driver.ts'
import type { ScriptedEffect } from './script.ts'

export interface Options extends RawOptions {
  /** The effect, in the manner of the way: synchronous on a handle that the program shares, else asynchronous. */
  readonly script?: ScriptedEffect
}

/** Claims whose tables and columns are known at run time only. */
export interface TestClaims {
  claimOnce(orderId: unknown, options?: Options): Promise<ClaimResult<unknown>>
  reset(orderId: unknown, options?: RawOptions): Promise<ResetResult>
}

export interface TestConfig {
  readonly table: string
  readonly columns: Readonly<Record<string, string | readonly string[]>>
  readonly states: Readonly<Record<string, string | number | readonly (string | number)[]>>
  readonly timeoutMs: number
  readonly strategy: string
  readonly onEvent: (event: ClaimEvent) => void
}

export interface OpenWay extends TestClaims {
  /** Other claims through the same adapter. */
  configured(config: Partial<TestConfig>): TestClaims
  /** The handle that the program gave; `null` where the connections are claim-once's own. */
  readonly handle: Handle | null
  /** A transaction of the caller's, committed when `body` is done and rolled back when it throws. */
  transaction<T>(body: (tx: unknown) => Promise<T>): Promise<T>
  /** Runs a statement on what an effect or {@link transaction} was given. */
  query(tx: unknown, statement: Sql): Promise<Rows>
}

export interface Way {
  readonly name: string
  readonly driver: DriverName
  /** The program shares its handle, so effects are synchronous. */
  readonly shared: boolean
  open(file: string, config?: Partial<TestConfig>): OpenWay
}

const onSharedHandle = (driver: DriverName): Way => ({
  name: `sqlite(db) on ${driver}`,
  driver,
  shared: true,
  open(file, config) {
    const handle = openHandle(driver, file)
    return {
      ...claimsOn(sqlite(handle), config, atOnce),
      handle,
      transaction: (body) => transactionOn(handle, body),
      query: async (tx, statement) => query(tx as Handle, statement),
    }
  },
})

const onOwnConnections = (driver: DriverName): Way => ({
  name: `sqlite(() => db) on ${driver}`,
  driver,
  shared: false,
  open(file, config) {
    const run = async (tx: unknown, statement: Sql): Promise<Rows> => query(tx as Handle, statement)
    return {
      ...claimsOn(
        sqlite(() => openHandle(driver, file)),
        config,
        later(run),
      ),
      handle: null,
      transaction: (body) => transactionOn(openHandle(driver, file), body),
      query: run,
    }
  },
})

const onKysely: Way = {
  name: 'kysely(db)',
  driver: 'better-sqlite3',
  shared: false,
  open(file, config) {
    const handle = openHandle('better-sqlite3', file)
    const db = new Kysely<ShopTables>({ dialect: new SqliteDialect({ database: handle as Database.Database }) })
    const run = async (tx: unknown, [text, ...parameters]: Sql): Promise<Rows> => {
      const result = await (tx as Transaction<ShopTables>).executeQuery(CompiledQuery.raw(text, parameters))
      return result.rows as Rows
    }
    return {
      ...claimsOn(kysely(db), config, later(run)),
      handle,
      transaction: (body) => db.transaction().execute(body),
      query: run,
    }
  },
}

/** Every way to claim on SQLite. */
export const WAYS: readonly Way[] = [
  onSharedHandle('better-sqlite3'),
  onOwnConnections('better-sqlite3'),
  onSharedHandle('node:sqlite'),
  onOwnConnections('node:sqlite'),
  onKysely,
]

export const SHARED = WAYS.filter((way) => way.shared)
export const ASYNCHRONOUS = WAYS.filter((way) => !way.shared)

export function wayNamed(name: string): Way {
  const found = WAYS.find((way) => way.name === name)
  if (found === undefined) throw new Error(`There is no way "${name}".`)
  return found
}

type InManner = (script: ScriptedEffect) => (tx: unknown, order: never, context: EffectContext) => unknown

const atOnce: InManner = (script) => (tx, order, context) =>
  runAtOnce(script(order, context), (statement) => query(tx as Handle, statement))

const later =
  (run: OpenWay['query']): InManner =>
  (script) =>
  (tx, order, context) =>
    runLater(script(order, context), (statement) => run(tx, statement))

/** `createClaims` as a caller without types has it. */
const create = createClaims as unknown as (config: object) => TestClaims

function claimsOn(
  database: object,
  config: Partial<TestConfig> | undefined,
  inManner: InManner,
): Pick<OpenWay, 'claimOnce' | 'reset' | 'configured'> {
  const configured = (changed: Partial<TestConfig> = {}): TestClaims => {
    const claims = create({ database, ...ORDERS.config, ...changed })
    return {
      claimOnce: (orderId, { script, ...options } = {}) =>
        claims.claimOnce(orderId, script === undefined ? options : { ...options, effect: inManner(script) as never }),
      reset: (orderId, options) => claims.reset(orderId, options),
    }
  }
  return { ...configured(config), configured }
}

async function transactionOn<T>(handle: Handle, body: (tx: unknown) => Promise<T>): Promise<T> {
  handle.exec('begin')
  try {
    const value = await body(handle)
    handle.exec('commit')
    return value
  } catch (error) {
    handle.exec('rollback')
    throw error
  }
}
