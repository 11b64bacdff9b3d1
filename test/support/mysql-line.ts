import type { Socket } from 'node:net'

/** One connection of a client to the server, through the proxy. */
export interface ProxiedLine {
  /** The server's number of its thread; `null` before the server has said it. */
  readonly thread: number | null
  /** Both ends are told. */
  cut(): void
  /** The client is told, and the server is not: it keeps the session, with all its locks. */
  cutClient(): void
}

/** A statement on its way to the server: a text, or the execution of a prepared one. */
export interface SentStatement {
  readonly text: string
  /** The packet, with the values of a prepared statement in it. */
  readonly packet: Buffer
  readonly line: ProxiedLine
}

/** What is done to a statement, at one moment of its way. */
export interface Interception {
  /** `arrival`: the server has not seen it. `forwarded`: it is on its way to the server. `answer`: the server has done it. */
  readonly at: 'arrival' | 'forwarded' | 'answer'
  readonly act?: (line: ProxiedLine) => void
  /** Whether what is held at that moment (the statement, or its answer) goes on afterwards. */
  readonly passOn: boolean
}

export type Intercept = (statement: SentStatement) => Interception | null

const COM_QUERY = 0x03
const COM_STMT_PREPARE = 0x16
const COM_STMT_EXECUTE = 0x17
const PROTOCOL_10 = 10

/** How long the server's end of a line outlives the client's, when the server is not told. */
const HALF_OPEN_MS = 3_000

export class Line implements ProxiedLine {
  readonly #client: Socket
  readonly #server: Socket
  readonly #intercept: Intercept
  readonly #prepared = new Map<number, string>()
  #thread: number | null = null
  #rest: Buffer = Buffer.alloc(0)
  #preparing: string | null = null
  #onAnswer: Interception | null = null
  #muted = false
  #halfOpen = false

  constructor(client: Socket, server: Socket, intercept: Intercept) {
    this.#client = client
    this.#server = server
    this.#intercept = intercept
    client.setNoDelay()
    server.setNoDelay()
    client.on('data', (data) => this.#fromClient(data))
    server.on('data', (data) => this.#fromServer(data))
    client.on('error', () => this.#clientGone())
    client.on('close', () => this.#clientGone())
    server.on('error', () => this.cut())
    server.on('close', () => this.cut())
  }

  get thread(): number | null {
    return this.#thread
  }

  cut(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  cutClient(): void {
    this.#halfOpen = true
    this.#client.destroy()
    setTimeout(() => this.#server.destroy(), HALF_OPEN_MS).unref()
  }

  /** What the client had sent still reaches the server, as it would without a proxy: `end`, and not `destroy`. */
  #clientGone(): void {
    this.#client.destroy()
    if (!this.#halfOpen) this.#server.end()
  }

  #fromClient(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readUIntLE(0, 3)
      if (this.#rest.length < end) return
      const packet = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      if (!this.#forward(packet)) return
    }
  }

  #forward(packet: Buffer): boolean {
    const text = this.#textOf(packet)
    if (text === null) {
      this.#server.write(packet)
      return true
    }
    const interception = this.#intercept({ text, packet, line: this })
    this.#onAnswer = interception?.at === 'answer' ? interception : null
    this.#muted = false
    if (interception?.at === 'arrival') {
      interception.act?.(this)
      if (!interception.passOn) return false
    }
    this.#server.write(packet)
    if (interception?.at === 'forwarded') interception.act?.(this)
    return true
  }

  /** The text of a statement that is run by this packet. */
  #textOf(packet: Buffer): string | null {
    if (packet[3] !== 0 || packet.length < 5) return null
    // MySQL lets query attributes stand before the text: no parameters, in one set.
    const text = (): string => packet.toString('utf8', packet[5] === 0 && packet[6] === 1 ? 7 : 5)
    switch (packet.readUInt8(4)) {
      case COM_QUERY:
        return text()
      case COM_STMT_PREPARE:
        this.#preparing = text()
        return null
      case COM_STMT_EXECUTE:
        return this.#prepared.get(packet.readUInt32LE(5)) ?? null
      default:
        return null
    }
  }

  #fromServer(data: Buffer): void {
    if (this.#thread === null && data[4] === PROTOCOL_10) {
      // The greeting: protocol, version up to a zero, thread.
      this.#thread = data.readUInt32LE(data.indexOf(0, 5) + 1)
    }
    if (this.#preparing !== null) {
      if (data[4] === 0) this.#prepared.set(data.readUInt32LE(5), this.#preparing)
      this.#preparing = null
    }
    const interception = this.#onAnswer
    if (interception !== null) {
      this.#onAnswer = null
      // An answer may come in pieces: what is not passed on ends with the next statement.
      this.#muted = !interception.passOn
      interception.act?.(this)
    }
    if (!this.#muted) this.#client.write(data)
  }
}
