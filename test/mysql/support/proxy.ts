import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What becomes of the next statement that matches. */
export type Fate =
  /** It never reaches the server, and the connection breaks. */
  | 'cut before'
  /** The server does it; then the connection breaks, and its answer is lost. */
  | 'cut after'
  /** The server does it, and its answer never comes. */
  | 'no answer'

/** A line between client and server that breaks when it is told to. It knows MySQL's packets by their heads only. */
export interface Proxy {
  readonly url: string
  /** The text of every statement that a client has sent, prepared ones each time they are executed. */
  readonly statements: string[]
  /** The next statement that matches meets its fate, once. */
  arm(pattern: RegExp, fate: Fate): void
  /** Breaks every line; `false` refuses new ones, too. */
  open(accepting: boolean): Promise<void>
  close(): Promise<void>
}

const COM_QUERY = 0x03
const COM_STMT_PREPARE = 0x16
const COM_STMT_EXECUTE = 0x17

export async function openProxy(serverUrl: string): Promise<Proxy> {
  const target = new URL(serverUrl)
  const statements: string[] = []
  const lines = new Set<Line>()
  let armed: { readonly pattern: RegExp; readonly fate: Fate } | null = null

  const fateOf = (sql: string): Fate | null => {
    statements.push(sql)
    if (armed?.pattern.test(sql) !== true) return null
    const { fate } = armed
    armed = null
    return fate
  }
  const server = createServer((client) => {
    const line = new Line(client, connect(Number(target.port), target.hostname), fateOf)
    lines.add(line)
    client.once('close', () => lines.delete(line))
  })
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const breakLines = (): void => {
    for (const line of lines) line.cut()
  }
  const port = await listen(0)
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    breakLines()
    await closed
  }
  const url = new URL(serverUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    statements,
    arm(pattern, fate) {
      armed = { pattern, fate }
    },
    async open(accepting) {
      await stop()
      if (accepting) await listen(port)
    },
    close: stop,
  }
}

class Line {
  readonly #client: Socket
  readonly #server: Socket
  readonly #fateOf: (sql: string) => Fate | null
  readonly #prepared = new Map<number, string>()
  #rest = Buffer.alloc(0)
  #preparing: string | null = null
  #fate: Fate | null = null

  constructor(client: Socket, server: Socket, fateOf: (sql: string) => Fate | null) {
    this.#client = client
    this.#server = server
    this.#fateOf = fateOf
    client.on('data', (data) => this.#fromClient(data))
    server.on('data', (data) => this.#fromServer(data))
    for (const socket of [client, server]) {
      socket.on('error', () => this.cut())
      socket.on('close', () => this.cut())
    }
  }

  cut(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  #fromClient(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data])
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readUIntLE(0, 3)
      if (this.#rest.length < end) return
      const packet = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      const sql = this.#textOf(packet)
      if (sql !== null) this.#fate = this.#fateOf(sql)
      if (this.#fate === 'cut before') {
        this.cut()
        return
      }
      this.#server.write(packet)
    }
  }

  /** The text of a statement that is run by this packet. */
  #textOf(packet: Buffer): string | null {
    if (packet[3] !== 0 || packet.length < 5) return null
    // MySQL lets query attributes stand before the text: no parameters, in one set.
    const text = packet.toString('utf8', packet[5] === 0 && packet[6] === 1 ? 7 : 5)
    switch (packet.readUInt8(4)) {
      case COM_QUERY:
        return text
      case COM_STMT_PREPARE:
        this.#preparing = text
        return null
      case COM_STMT_EXECUTE:
        return this.#prepared.get(packet.readUInt32LE(5)) ?? null
      default:
        return null
    }
  }

  #fromServer(data: Buffer): void {
    if (this.#preparing !== null) {
      if (data[4] === 0) this.#prepared.set(data.readUInt32LE(5), this.#preparing)
      this.#preparing = null
    }
    if (this.#fate === 'cut after') {
      this.cut()
      return
    }
    if (this.#fate === 'no answer') return
    this.#client.write(data)
  }
}
