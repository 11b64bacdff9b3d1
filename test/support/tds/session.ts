import type { TdsLogin } from './login.ts'
import type { PreparedStatement, TdsRequest } from './requests.ts'

/** What the server knows of one logged-in connection. */
export class TdsSession {
  /** The SPID. */
  readonly id: number
  readonly login: TdsLogin
  /** For whatever the script wants to keep. */
  readonly state = new Map<string, unknown>()
  /**
   * Every request in the order of arrival, also those that a fault or the server itself answered. Not in it: the first
   * `initialSql`, and the validations.
   */
  readonly requests: TdsRequest[] = []
  readonly prepared = new Map<number, PreparedStatement>()
  readonly savepoints = new Set<string>()
  /** The SET options that tedious sends after its login, and again with a reset. The server answers them itself. */
  initialSql: string | null = null
  /** How many times a pool has asked `select 1`. The server answers it itself; a fault can do otherwise. */
  validations = 0
  /** How many attentions came, answered or not. */
  attentions = 0
  /** How many messages asked for RESETCONNECTION. */
  resets = 0
  /** What the last begin asked for; 0 asks for none. */
  isolationLevel: number | null = null
  closed = false
  /** The socket is closed. */
  readonly ended: Promise<void>

  readonly #cut: () => void
  readonly #end: () => void
  #descriptor: Buffer | null = null
  #transactionName = ''
  #handles = 0

  constructor(id: number, { login, cut }: { readonly login: TdsLogin; readonly cut: () => void }) {
    this.id = id
    this.login = login
    this.#cut = cut
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.ended = promise
    this.#end = () => resolve(undefined)
  }

  /** The descriptor of the open transaction, null if there is none. */
  get transaction(): Buffer | null {
    return this.#descriptor
  }

  get transactionName(): string {
    return this.#transactionName
  }

  /** Ends the session from the server's side, as KILL does. */
  cut(): void {
    this.#cut()
  }

  begin(name: string): Buffer {
    if (this.#descriptor) throw new Error('A transaction is open: a nested begin has no begun().')
    nextDescriptor += 1n
    this.#descriptor = Buffer.alloc(8)
    this.#descriptor.writeBigUInt64LE(nextDescriptor)
    this.#transactionName = name
    return this.#descriptor
  }

  /** Gives the descriptor of the transaction that is open no more, null if none was. */
  endTransaction(): Buffer | null {
    const descriptor = this.#descriptor
    this.#descriptor = null
    this.#transactionName = ''
    this.savepoints.clear()
    return descriptor
  }

  prepare({ sql, declarations }: PreparedStatement): number {
    this.#handles += 1
    this.prepared.set(this.#handles, { sql, declarations })
    return this.#handles
  }

  markClosed(): void {
    this.closed = true
    this.endTransaction()
    this.#end()
  }
}

// Descriptors are unique in the server, not in the session: a stale or foreign one must not fit by chance.
let nextDescriptor = 0x3500_0000_0000n
