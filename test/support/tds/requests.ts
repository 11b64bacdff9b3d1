import { ByteReader } from './bytes.ts'
import type { Message } from './packets.ts'
import { PACKET } from './packets.ts'
import { readType } from './parameter-types.ts'
import type { TdsValue } from './values.ts'

export interface TdsParameter {
  /** With the `@`; empty where the driver sends it by position. */
  readonly name: string
  /** fByRefValue: the client wants its value back. */
  readonly output: boolean
  /** As the parameter itself tells it, such as `nvarchar(4000)`, `varbinary(8)`, `int`. */
  readonly type: string
  readonly value: TdsValue
}

export interface TdsRequest {
  readonly kind: 'batch' | 'rpc' | 'begin' | 'commit' | 'rollback' | 'save'
  /** What is executed: of a batch, of sp_executesql, and of the statement that sp_execute names by its handle. */
  readonly sql: string
  /** Of an RPC, else null. */
  readonly procedure: string | null
  /** The `@params` of sp_executesql, sp_prepare and sp_prepexec. */
  readonly declarations: string
  /** Without those in which the procedures above have their statement. */
  readonly parameters: readonly TdsParameter[]
  /** Of sp_execute and sp_unprepare. */
  readonly handle: number | null
  /** Of a begin: 0 leaves it as it is, 1 read uncommitted, 2 read committed, 3 repeatable read, 4 serializable, 5 snapshot. */
  readonly isolationLevel: number | null
  /** Of a begin, commit, rollback or save; a savepoint's as well. */
  readonly transactionName: string
  /** The transaction that the client takes itself to be in, null for none. */
  readonly descriptor: Buffer | null
  readonly resetConnection: boolean
  /** How many packets the message came in. */
  readonly packets: number
}

export interface PreparedStatement {
  readonly sql: string
  readonly declarations: string
}

const BLANK = {
  sql: '',
  procedure: null,
  declarations: '',
  parameters: [],
  handle: null,
  isolationLevel: null,
  transactionName: '',
} as const

export function readRequest(message: Message, prepared: ReadonlyMap<number, PreparedStatement>): TdsRequest {
  const reader = new ByteReader(message.payload)
  const common = {
    ...BLANK,
    descriptor: readDescriptor(reader),
    resetConnection: message.resetConnection,
    packets: message.packets,
  }
  switch (message.type) {
    case PACKET.batch:
      return { ...common, kind: 'batch', sql: reader.text(reader.left / 2) }
    case PACKET.rpc:
      return { ...common, kind: 'rpc', ...readProcedureCall(reader, prepared) }
    case PACKET.transactionManager:
      return { ...common, ...readTransactionRequest(reader) }
    default:
      throw new Error(`A message of type 0x${message.type.toString(16)} is not known to the TDS double.`)
  }
}

/** MS-TDS 2.2.5.3 "Data Stream Headers - ALL_HEADERS", of which the transaction descriptor (type 2) is kept. */
function readDescriptor(reader: ByteReader): Buffer | null {
  const headers = new ByteReader(reader.take(reader.u32() - 4))
  let descriptor: Buffer | null = null
  while (headers.left > 0) {
    const header = new ByteReader(headers.take(headers.u32() - 4))
    if (header.u16() === 2) descriptor = Buffer.from(header.take(8))
  }
  return descriptor?.some((byte) => byte !== 0) ? descriptor : null
}

/** MS-TDS 2.2.6.6 "RPC Request", "ProcIDs". */
const PROCEDURES: Readonly<Record<number, string>> = {
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  15: 'sp_unprepare',
}

type Call = Pick<TdsRequest, 'sql' | 'procedure' | 'declarations' | 'parameters' | 'handle'>

function readProcedureCall(reader: ByteReader, prepared: ReadonlyMap<number, PreparedStatement>): Call {
  const length = reader.u16()
  const id = length === 0xffff ? reader.u16() : null
  const procedure = id === null ? reader.text(length) : PROCEDURES[id]
  if (procedure === undefined)
    throw new Error(`The procedure with the id ${String(id)} is not known to the TDS double.`)
  reader.u16() // OptionFlags
  const all: TdsParameter[] = []
  while (reader.left > 0) all.push(readParameter(reader))

  const call = { sql: '', procedure, declarations: '', parameters: all, handle: null }
  const [first, second, third, ...others] = all
  switch (procedure.toLowerCase()) {
    case 'sp_executesql':
      return { ...call, sql: textOf(first), declarations: textOf(second), parameters: all.slice(2) }
    case 'sp_prepare':
      return { ...call, sql: textOf(third), declarations: textOf(second), parameters: [] }
    case 'sp_prepexec':
      return { ...call, sql: textOf(third), declarations: textOf(second), parameters: others }
    case 'sp_execute': {
      const handle = Number(first?.value)
      return { ...call, ...prepared.get(handle), handle, parameters: all.slice(1) }
    }
    case 'sp_unprepare': {
      const handle = Number(first?.value)
      return { ...call, ...prepared.get(handle), handle, parameters: [] }
    }
    default:
      return call
  }
}

const textOf = (parameter: TdsParameter | undefined): string =>
  typeof parameter?.value === 'string' ? parameter.value : ''

function readParameter(reader: ByteReader): TdsParameter {
  const name = reader.text(reader.u8())
  const status = reader.u8()
  const type = readType(reader)
  return { name, output: (status & 0x01) !== 0, type: type.name, value: type.read(reader) }
}

type TransactionRequest = Pick<TdsRequest, 'kind' | 'isolationLevel' | 'transactionName'>

/** MS-TDS 2.2.6.9 "Transaction Manager Request". */
function readTransactionRequest(reader: ByteReader): TransactionRequest {
  const type = reader.u16()
  const name = () => reader.take(reader.u8()).toString('utf16le')
  const ending = (kind: 'commit' | 'rollback'): TransactionRequest => {
    const transactionName = name()
    if ((reader.u8() & 0x01) !== 0)
      throw new Error(`A ${kind} that begins the next transaction is not known to the TDS double.`)
    return { kind, isolationLevel: null, transactionName }
  }
  switch (type) {
    case 5:
      return { kind: 'begin', isolationLevel: reader.u8(), transactionName: name() }
    case 7:
      return ending('commit')
    case 8:
      return ending('rollback')
    case 9:
      return { kind: 'save', isolationLevel: null, transactionName: name() }
    default:
      throw new Error(`The transaction manager request ${type} is not known to the TDS double.`)
  }
}
