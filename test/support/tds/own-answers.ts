import type { Reply } from './reply.ts'
import { error, output, rows } from './reply.ts'
import type { TdsRequest } from './requests.ts'
import type { TdsSession } from './session.ts'

/** What the pools of mssql and kysely ask a connection before they lend it. */
const VALIDATION = /^select 1;?$/i

/**
 * What any SQL Server answers, whatever the database: the script is not asked. Null leaves the request to the script.
 * The numbers are those of https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
 */
export function ownAnswer(request: TdsRequest, session: TdsSession, expected: Buffer | null): Reply | null {
  if (!sameDescriptor(request.descriptor, expected)) return [error(STALE_DESCRIPTOR)]
  switch (request.kind) {
    case 'batch':
      if (request.sql === session.initialSql) return []
      return isValidation(request) ? VALIDATED : null
    case 'rpc':
      return isValidation(request) ? VALIDATED : preparation(request, session)
    case 'begin':
      return null
    case 'commit':
      return session.transaction ? null : [error(NOTHING_TO_COMMIT)]
    case 'save':
      return session.transaction ? null : [error(NOTHING_TO_SAVE)]
    case 'rollback':
      return rollbackRefusal(request, session)
  }
}

const sameDescriptor = (one: Buffer | null, other: Buffer | null): boolean =>
  one === null || other === null ? one === other : one.equals(other)

/** Such requests are counted, and kept out of the log. */
export const isValidation = ({ sql, procedure }: TdsRequest): boolean =>
  VALIDATION.test(sql) && (procedure === null || procedure === 'sp_executesql')
const VALIDATED: Reply = [rows({ '': 'int' }, [{ '': 1 }])]

/** A statement is kept by its handle, and not looked at until it is executed. */
function preparation(request: TdsRequest, session: TdsSession): Reply | null {
  switch (request.procedure?.toLowerCase() ?? '') {
    case 'sp_prepare':
      return [output('@handle', 'int', session.prepare(request))]
    case 'sp_execute':
      return session.prepared.has(request.handle ?? 0) ? null : [error(noHandle(request.handle))]
    case 'sp_unprepare':
      return session.prepared.delete(request.handle ?? 0) ? [] : [error(noHandle(request.handle))]
    default:
      return null
  }
}

/** A rollback names nothing, the transaction, or a savepoint. */
function rollbackRefusal({ transactionName: name }: TdsRequest, session: TdsSession): Reply | null {
  if (!session.transaction) return [error(NOTHING_TO_ROLL_BACK)]
  const known = name === '' || name === session.transactionName || session.savepoints.has(name)
  return known
    ? null
    : [
        error({
          number: 6401,
          message: `Cannot roll back ${name}. No transaction or savepoint of that name was found.`,
        }),
      ]
}

const STALE_DESCRIPTOR = {
  number: 3989,
  message: 'New request is not allowed to start because it should come with valid transaction descriptor.',
}
const NOTHING_TO_COMMIT = {
  number: 3902,
  message: 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.',
}
const NOTHING_TO_ROLL_BACK = {
  number: 3903,
  message: 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.',
}
const NOTHING_TO_SAVE = {
  number: 628,
  message: 'Cannot issue SAVE TRANSACTION when there is no active transaction.',
}
const noHandle = (handle: number | null) => ({
  number: 8179,
  message: `Could not find prepared statement with handle ${String(handle)}.`,
})
