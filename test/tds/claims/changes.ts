import type { TRANSITIONS } from '../../../src/transitions.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { parameterOf } from './played-clauses.ts'

type Change = keyof typeof TRANSITIONS

const TO: Readonly<Record<string, Change>> = {
  'Wait → Y': 'claim',
  'Wait → Expired': 'move',
  'Y → Wait': 'reset',
  'Failed → Wait': 'resetFailed',
  'Wait → Working': 'lease',
  'Working → Y': 'complete',
  'Working → Wait': 'giveBack',
  'Working → Failed': 'fail',
}

/** Which change of an order a request is; `null`: none. */
export function changeOf(request: TdsRequest): Change | null {
  const { sql } = request
  if (!sql.includes('\nupdate [dbo].[orders]\n')) return null
  const guard = /\n {2}and \[status\] = cast\(@(\d+) collate/.exec(sql)
  if (guard === null) return 'keepResult'
  const from = String(parameterOf(request, guard[1]))
  const to = /\nset \[status\] = @(\d+)/.exec(sql)
  if (to !== null) return TO[`${from} → ${String(parameterOf(request, to[1]))}`] ?? null
  if (sql.includes('[lease_until] <= sysutcdatetime()')) return 'takeOver'
  return sql.includes('\nset [lease_until] = ') ? 'renew' : 'noteFailure'
}

export const is =
  (change: Change) =>
  (request: TdsRequest): boolean =>
    changeOf(request) === change
