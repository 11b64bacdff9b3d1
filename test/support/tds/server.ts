import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:net'
import { TdsConnection } from './connection.ts'
import { Faults } from './faults.ts'
import type { TdsRequest } from './requests.ts'
import type { TdsHost, TdsScript } from './script.ts'
import type { TdsSession } from './session.ts'

export interface TdsServerOptions extends TdsScript {
  /** Attentions are counted and never answered. Default: false. */
  readonly ignoresAttentions?: boolean
}

/** Whom the URL names; the server takes everybody, unless `login` refuses. */
export const CREDENTIALS = { user: 'shop', password: 'secret', database: 'orders' } as const

/**
 * A double of SQL Server's wire protocol, TDS 7.4 without TLS, on a port of its own: a script plays the database, and
 * faults come when they are told to. It parses no SQL; the facts of the real server are not its business.
 *
 * https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-tds
 */
export class TdsServer {
  readonly faults = new Faults()
  /** Every session that ever logged in, in this order. */
  readonly sessions: TdsSession[] = []
  /** The requests of all sessions, in the order of arrival. */
  readonly requests: TdsRequest[] = []
  ignoresAttentions: boolean
  readonly #server: Server
  readonly #connections = new Set<TdsConnection>()
  #port = 0
  readonly #problems: unknown[] = []

  private constructor(options: TdsServerOptions) {
    this.ignoresAttentions = options.ignoresAttentions ?? false
    this.#server = createServer((socket) => {
      const connection = new TdsConnection(socket, this.#host(options))
      this.#connections.add(connection)
      void connection.closed.then(() => this.#connections.delete(connection))
    })
  }

  static async start(options: TdsServerOptions): Promise<TdsServer> {
    const server = new TdsServer(options)
    await server.back()
    return server
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    const { user, password, database } = CREDENTIALS
    return `mssql://${user}:${password}@127.0.0.1:${this.port}/${database}?encrypt=false`
  }

  /** The same for node-mssql, which reads no URLs. */
  get connectionString(): string {
    const { user, password, database } = CREDENTIALS
    return `Server=127.0.0.1,${this.port};Database=${database};User Id=${user};Password=${password};Encrypt=false`
  }

  get openSessions(): readonly TdsSession[] {
    return this.sessions.filter(({ closed }) => !closed)
  }

  /** Cuts every connection, and listens no more: as if it were being started anew. */
  async away(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const connections = [...this.#connections]
    for (const connection of connections) connection.destroy()
    await Promise.all([closed, ...connections.map((connection) => connection.closed)])
  }

  /** Listens, on the same port as before. */
  async back(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /**
   * Cuts every connection and closes the port. Fails with what the script threw, and with what the double did not
   * understand, so that neither is overlooked in a test that expected an error anyway.
   */
  async stop(): Promise<void> {
    await this.away()
    if (this.#problems.length > 0) {
      throw new AggregateError(this.#problems, `The TDS double failed: ${this.#problems.map(String).join('; ')}`)
    }
  }

  #host(options: TdsServerOptions): TdsHost {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a getter of an object literal has its own `this`
    const server = this
    return {
      script: options,
      faults: this.faults,
      get ignoresAttentions() {
        return server.ignoresAttentions
      },
      nextSessionId: () => 51 + this.sessions.length,
      loggedIn: (session) => void this.sessions.push(session),
      received: (request) => void this.requests.push(request),
      failed: (problem) => void this.#problems.push(problem),
    }
  }
}
