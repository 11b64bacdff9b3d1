/** Reads a message from front to back; numbers are little-endian, text is UCS-2, as MS-TDS has it throughout. */
export class ByteReader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(length: number): Buffer {
    if (length > this.left) throw new Error(`The message ends ${length - this.left} bytes too early, at ${this.#at}.`)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  u8(): number {
    return this.take(1).readUInt8()
  }

  u16(): number {
    return this.take(2).readUInt16LE()
  }

  u32(): number {
    return this.take(4).readUInt32LE()
  }

  u64(): bigint {
    return this.take(8).readBigUInt64LE()
  }

  text(characters: number): string {
    return this.take(characters * 2).toString('utf16le')
  }
}

export const u8 = (value: number): Buffer => Buffer.of(value)

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

export function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}

export const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le')

/** B_VARCHAR: one byte of length, in characters. */
export const bVarChar = (text: string): Buffer => Buffer.concat([u8(text.length), ucs2(text)])

/** US_VARCHAR: two bytes of length, in characters. */
export const usVarChar = (text: string): Buffer => Buffer.concat([u16(text.length), ucs2(text)])

/** B_VARBYTE: one byte of length, in bytes. */
export const bVarByte = (bytes: Buffer): Buffer => Buffer.concat([u8(bytes.length), bytes])

/** An unsigned number of any width, as the magnitude of a decimal and the ticks of a time are sent. */
export function littleEndian(value: bigint, width: number): Buffer {
  const bytes = Buffer.alloc(width)
  let rest = value
  for (let at = 0; at < width; at += 1) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  if (rest !== 0n) throw new RangeError(`${value} does not fit into ${width} bytes.`)
  return bytes
}

export const fromLittleEndian = (bytes: Buffer): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
