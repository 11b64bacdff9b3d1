import type { Column } from './columns.ts'
import { columnType } from './columns.ts'
import type { Reply, ReplyPart } from './reply.ts'
import type { TdsRequest } from './requests.ts'
import type { TdsSession } from './session.ts'
import {
  DONE,
  columnMetadata,
  done,
  doneInProc,
  doneProc,
  environment,
  errorToken,
  infoToken,
  returnStatus,
  returnValue,
  rowToken,
} from './tokens.ts'

/** A token, or the end of a statement: whether more follows is known only when all is there. */
type Piece = Buffer | { readonly status: number; readonly count: number }

/**
 * Carries out what the reply says of the session's transaction, and gives the reply's bytes.
 *
 * A batch ends each statement in DONE. A procedure ends them in DONEINPROC, and itself in RETURNSTATUS and DONEPROC
 * (MS-TDS 2.2.7.6 to 2.2.7.8). A transaction manager request is answered with ENVCHANGE and DONE.
 */
export function encodeReply(request: TdsRequest, reply: Reply, session: TdsSession): Buffer {
  const pieces = reply.flatMap((part, at) => encodePart(part, { next: reply[at + 1], request, session }))
  pieces.push(...transactionOutcome(request, reply, session))
  const failure = reply.find((part) => part.part === 'error')?.details.number
  const status = failure === undefined ? DONE.final : DONE.error

  if (request.kind === 'rpc') {
    const tokens = pieces.map((piece) =>
      Buffer.isBuffer(piece) ? piece : doneInProc(piece.status | DONE.more, BigInt(piece.count)),
    )
    const outputs = reply.flatMap((part) =>
      part.part === 'output' ? [returnValue({ name: part.name, type: columnType(part.type) }, part.value)] : [],
    )
    return Buffer.concat([...tokens, returnStatus(failure ?? 0), ...outputs, doneProc(status)])
  }

  const last = pieces.at(-1)
  if (last === undefined || Buffer.isBuffer(last)) pieces.push({ status, count: 0 })
  return Buffer.concat(
    pieces.map((piece, at) =>
      Buffer.isBuffer(piece)
        ? piece
        : done(piece.status | (at < pieces.length - 1 ? DONE.more : 0), BigInt(piece.count)),
    ),
  )
}

interface Surroundings {
  readonly next: ReplyPart | undefined
  readonly request: TdsRequest
  readonly session: TdsSession
}

function encodePart(part: ReplyPart, { next, request, session }: Surroundings): readonly Piece[] {
  switch (part.part) {
    case 'rows':
      return [...recordset(part), { status: DONE.count, count: part.rows.length }]
    case 'count':
      return [{ status: DONE.count, count: part.count }]
    case 'info':
      return [infoToken(part.details)]
    case 'error':
      // Errors of one statement stand together, before the one end of it.
      return next?.part === 'error'
        ? [errorToken(part.details)]
        : [errorToken(part.details), { status: DONE.error, count: 0 }]
    case 'begun':
      return [environment.begun(session.begin(request.transactionName))]
    case 'committed': {
      const descriptor = session.endTransaction()
      if (!descriptor) throw new Error('No transaction is open that could be committed().')
      return [environment.committed(descriptor)]
    }
    case 'rolled back': {
      const descriptor = session.endTransaction()
      return descriptor ? [environment.rolledBack(descriptor)] : []
    }
    case 'output':
      if (request.kind !== 'rpc') throw new Error(`A ${request.kind} has no output parameters.`)
      return []
    case 'stays open':
      return []
  }
}

function recordset({ columns: types, rows }: ReplyPart & { readonly part: 'rows' }): Buffer[] {
  const columns: Column[] = Object.entries(types).map(([name, type]) => ({ name, type: columnType(type) }))
  const values = rows.map((row) =>
    columns.map(({ name }) => {
      const value = row[name]
      if (value === undefined) throw new Error(`A row has no value of its column "${name}".`)
      return value
    }),
  )
  return [columnMetadata(columns), ...values.map((row) => rowToken(columns, row))]
}

/** What a request of the transaction manager does, unless the script has said something else of the transaction. */
function transactionOutcome(request: TdsRequest, reply: Reply, session: TdsSession): readonly Piece[] {
  const failed = reply.some(({ part }) => part === 'error')
  // What the begin has asked for holds, whoever said that it began.
  if (request.kind === 'begin' && !failed && request.isolationLevel !== 0)
    session.isolationLevel = request.isolationLevel
  if (reply.some(({ part }) => DECISIONS.has(part))) return []
  switch (request.kind) {
    case 'begin':
      // A nested begin raises @@trancount, and the descriptor stays.
      return session.transaction ? [] : encodePart({ part: 'begun' }, { next: undefined, request, session })
    case 'save':
      session.savepoints.add(request.transactionName)
      return []
    case 'rollback':
      if (session.savepoints.has(request.transactionName)) return []
      return encodePart({ part: 'rolled back' }, { next: undefined, request, session })
    case 'commit':
      return encodePart({ part: 'committed' }, { next: undefined, request, session })
    case 'batch':
    case 'rpc':
      return []
  }
}

const DECISIONS: ReadonlySet<ReplyPart['part']> = new Set(['error', 'begun', 'committed', 'rolled back', 'stays open'])
