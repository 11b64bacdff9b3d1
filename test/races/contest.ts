import type { StrategyName } from '../../src/index.ts'

/** Who calls: a claim by one of the strategies, or code that somebody wrote by hand beside ours. */
export type Caller =
  | StrategyName
  /** Its own transaction around a guarded UPDATE; it knows nothing of versions. */
  | 'by hand'
  /** Reads, and then credits and writes unguarded: the fault this package is for. */
  | 'naive'
  /** Changes another column of the order, and counts its version on. */
  | 'editor'

export type Driver =
  | 'mysql2 promise pool'
  | 'mysql2 callback pool'
  | 'kysely on mysql2'
  | 'mssql pool'
  | 'kysely on tedious'
  | 'better-sqlite3 handle'
  | 'better-sqlite3 connection'
  | 'node:sqlite handle'
  | 'node:sqlite connection'
  | 'kysely on better-sqlite3'

/** What can be taken out of the statements of a claim, to see whether anybody notices. */
export type Guard =
  /** `status = waiting` in the UPDATE. */
  | 'status guard'
  /** The half of it that compares bytes, beside the half that compares by the column's collation. */
  | 'exact status'
  /** `status = claimed` in the UPDATE of a reset. */
  | 'claimed guard'
  /** The version in the UPDATE of `optimistic`. */
  | 'version guard'
  /** The id in the UPDATE. */
  | 'id guard'
  /** What the call expects of the order, in the UPDATE. */
  | 'expect guard'
  /** The lock clause of every read, as on a server that ignores it. */
  | 'read lock'
  /** The count of changed rows: always one. */
  | 'row count'
  /** What the server says of its sessions: whether they commit by themselves, whether a transaction is open. */
  | 'session status'

/** How the sessions of a pool are set up. */
export interface SessionSettings {
  /** Run on every connection before the races. */
  readonly set?: string
  /** mysql2's own. */
  readonly flags?: readonly string[]
}

/** One process of a race, with all its connections. */
export interface Side {
  readonly driver: Driver
  /** The URL of a server, or the path of a file. */
  readonly database: string
  /** How many calls start at once; on a server each has a connection of its own. */
  readonly calls: number
  readonly session?: SessionSettings
  readonly without?: readonly Guard[]
}

/** What a connection says of itself when it is asked. */
export type SessionFacts = MysqlSessionFacts | MssqlSessionFacts

export interface MysqlSessionFacts {
  readonly isolation: string
  readonly autocommit: boolean
  readonly sqlMode: string
  /** FOUND_ROWS: `affectedRows` counts the rows that matched, and not those that changed. */
  readonly countsMatched: boolean
  readonly lockWaitSeconds: number
}

export interface MssqlSessionFacts {
  readonly isolation: string
  readonly implicitTransactions: boolean
  /** NOCOUNT: an UPDATE does not say how many rows it changed. */
  readonly nocount: boolean
  readonly xactAbort: boolean
  /** -1: without end. */
  readonly lockTimeoutMs: number
}

export interface Answer {
  readonly caller: Caller
  /** The outcome of a claim; `edited`; or the code of an error. */
  readonly outcome: string
  /** Of an error. */
  readonly message?: string
}

export interface Finish {
  readonly answers: readonly Answer[]
  /** Why claims were tried again: `conflict 1213`, `moved`. */
  readonly retries: readonly string[]
}

/** What the referee asks of a process; each is answered by one {@link Reply}. */
export type Request =
  /** Connect and warm up, by calls on an order that is claimed already. Answered with {@link SessionFacts} of each connection. */
  | { readonly ask: 'open'; readonly side: Side; readonly claimedOrder: number }
  /** Start all calls now; `callers` are dealt out in turn. Answered with {@link Finish}. */
  | {
      readonly ask: 'race'
      readonly orderId: number
      readonly callers: readonly Caller[]
      readonly withEffect: boolean
    }
  /** Look at the connections again, and close them. Answered as `open`. */
  | { readonly ask: 'close' }

/** Numbered: a reply that comes after its race was given up belongs to no other. */
export type Numbered<Message> = Message & { readonly number: number }
export type Reply = { readonly value: unknown } | { readonly failed: string }
