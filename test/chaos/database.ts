import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createPool } from 'mysql2/promise'
import type { Pool, RowDataPacket } from 'mysql2/promise'
import { withConnection } from '../support/servers/accounts.ts'
import { startFromDebian } from '../support/servers/debian-server.ts'
import { LANES, type LaneName } from '../support/servers/lanes.ts'
import { startLane } from '../support/servers/start-lane.ts'

export type ChaosLane = Exclude<LaneName, 'mssql'>

/** Every commit is handed to the disk before it is answered: what a shop has that takes money. */
const DURABLE = ['--innodb-flush-log-at-trx-commit=1']

/**
 * With a binary log a commit can be read by others only when it would survive a crash. Without, InnoDB shows it before its
 * log is written: a callback may be told "duplicate" of a claim that a crash in the same instant undoes.
 */
const BINARY_LOG = ['--log-bin=binlog', '--sync-binlog=1', '--server-id=1']

/** How long the referee waits for a server that was killed, in milliseconds. */
const PATIENCE_MS = 60_000

/** The server of a run, and the referee's own way to it, which no fault but its death concerns. */
export class ChaosDatabase {
  /** Of the shop's database. */
  readonly url: string
  readonly version: string
  readonly source: string
  readonly canCrash: boolean
  readonly #pool: Pool
  readonly #name: string
  readonly #crash: (() => Promise<void>) | undefined
  readonly #stop: () => Promise<void>
  #crashing: Promise<void> | null = null

  private constructor(server: Server, name: string) {
    this.url = urlOf(server, name)
    this.version = server.version
    this.source = server.source
    this.canCrash = server.crash !== undefined
    this.#name = name
    this.#crash = server.crash
    this.#stop = server.stop
    this.#pool = createPool({ uri: this.url, connectionLimit: 3, connectTimeout: 5_000 })
  }

  /** On a server of its own where one can be had, because that may be killed; else on the lane's. */
  static async start(lane: ChaosLane, binaryLog: boolean, ddl: readonly string[]): Promise<ChaosDatabase> {
    const server = await serverOf(lane, binaryLog)
    const name = `shop_chaos_${randomBytes(6).toString('hex')}`
    try {
      await withConnection(server.url, async (connection) => {
        await connection.query(`create database ${name} default charset utf8mb4`)
        await connection.query(`use ${name}`)
        for (const statement of ddl) await connection.query(statement)
      })
      return new ChaosDatabase(server, name)
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Dead, and not answering yet. */
  get down(): boolean {
    return this.#crashing !== null
  }

  async run(sql: string, values: readonly unknown[] = []): Promise<RowDataPacket[]> {
    return (await this.#pool.query<RowDataPacket[]>(sql, [...values]))[0]
  }

  /** The same, again and again while the server is down: for what may be done twice. */
  async persist(sql: string, values: readonly unknown[] = []): Promise<RowDataPacket[]> {
    const end = performance.now() + PATIENCE_MS
    while (true) {
      try {
        return await this.run(sql, values)
      } catch (error) {
        if (performance.now() > end || !isDown(error)) throw error
        await pause(100)
      }
    }
  }

  /** Ends a client's connection. `false`: it was gone. */
  async killConnection(thread: number): Promise<boolean> {
    try {
      await this.run(`kill connection ${thread}`)
      return true
    } catch {
      return false
    }
  }

  /** Kills the server and waits until it answers again. `false`: it is being killed already, or cannot be. */
  crash(): Promise<void> | false {
    if (this.#crashing !== null || this.#crash === undefined) return false
    const crashing = this.#crash().finally(() => {
      this.#crashing = null
    })
    this.#crashing = crashing
    return crashing
  }

  async close(): Promise<void> {
    await this.#crashing?.catch(() => {})
    await this.run(`drop database if exists ${this.#name}`).catch(() => {})
    await this.#pool.end().catch(() => {})
    await this.#stop()
  }
}

interface Server {
  readonly url: string
  readonly version: string
  readonly source: string
  readonly crash?: () => Promise<void>
  readonly stop: () => Promise<void>
}

const urlOf = (server: Server, database: string): string => {
  const url = new URL(server.url)
  url.pathname = `/${database}`
  return url.href
}

/** A URL is never replaced by another server: whoever set it means that one. */
async function serverOf(name: ChaosLane, binaryLog: boolean): Promise<Server> {
  const lane = LANES[name]
  const failures: string[] = []
  if (!process.env[lane.variable]) {
    try {
      return {
        ...(await startFromDebian(lane, binaryLog ? [...DURABLE, ...BINARY_LOG] : DURABLE)),
        source: 'debian packages',
      }
    } catch (error) {
      failures.push(`By debian packages: ${(error as Error).message}`)
    }
  }
  const { lane: started, stop } = await startLane(lane)
  if (started.server.available) return { ...started.server, stop }
  throw new Error([...failures, started.server.reason].join('\n'))
}

/** Not reached, or lost on the way: everything else would fail again. */
const isDown = (error: unknown): boolean => {
  const { code = '', errno = 0 } = error as { readonly code?: string; readonly errno?: number }
  return /^(?:PROTOCOL_|ECONN|EPIPE|ETIMEDOUT)/.test(code) || errno === 1053 || errno === 1927 || code === ''
}
