/** MS-TDS 2.2.3.1.1 "Type". */
export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  reply: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  transactionManager: 0x0e,
  login7: 0x10,
  prelogin: 0x12,
} as const

/** MS-TDS 2.2.3.1.2 "Status". */
const END_OF_MESSAGE = 0x01
const IGNORE = 0x02
const RESET_CONNECTION = 0x08

const HEADER_LENGTH = 8

export interface Message {
  readonly type: number
  readonly payload: Buffer
  /** The client gave the message up before all of it was sent: it must not be carried out. */
  readonly ignore: boolean
  readonly resetConnection: boolean
  readonly packets: number
}

/** Puts packets together to messages, however the socket has cut them up. */
export class MessageReader {
  #received: Buffer = Buffer.alloc(0)
  #payloads: Buffer[] = []
  #resetConnection = false

  push(chunk: Buffer): Message[] {
    this.#received = Buffer.concat([this.#received, chunk])
    const messages: Message[] = []
    while (this.#received.length >= HEADER_LENGTH) {
      const length = this.#received.readUInt16BE(2)
      if (length < HEADER_LENGTH) throw new Error(`A packet of ${length} bytes cannot be.`)
      if (this.#received.length < length) break
      const message = this.#packet(this.#received.subarray(0, length))
      this.#received = this.#received.subarray(length)
      if (message) messages.push(message)
    }
    return messages
  }

  #packet(packet: Buffer): Message | null {
    const status = packet.readUInt8(1)
    // Only the first packet of a message can ask for the reset.
    if (this.#payloads.length === 0) this.#resetConnection = (status & RESET_CONNECTION) !== 0
    this.#payloads.push(packet.subarray(HEADER_LENGTH))
    if ((status & END_OF_MESSAGE) === 0) return null
    const message: Message = {
      type: packet.readUInt8(0),
      payload: Buffer.concat(this.#payloads),
      ignore: (status & IGNORE) !== 0,
      resetConnection: this.#resetConnection,
      packets: this.#payloads.length,
    }
    this.#payloads = []
    return message
  }
}

/** One message of the server, in packets of the size that the login settled. */
export function replyMessage(payload: Buffer, { packetSize, spid }: { packetSize: number; spid: number }): Buffer {
  const room = packetSize - HEADER_LENGTH
  const packets: Buffer[] = []
  for (let at = 0; at === 0 || at < payload.length; at += room) {
    const content = payload.subarray(at, at + room)
    const header = Buffer.alloc(HEADER_LENGTH)
    header.writeUInt8(PACKET.reply, 0)
    header.writeUInt8(at + room >= payload.length ? END_OF_MESSAGE : 0, 1)
    header.writeUInt16BE(HEADER_LENGTH + content.length, 2)
    header.writeUInt16BE(spid, 4)
    header.writeUInt8((packets.length + 1) % 256, 6)
    packets.push(Buffer.concat([header, content]))
  }
  return Buffer.concat(packets)
}
