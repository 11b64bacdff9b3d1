import type { Reply } from '../../support/tds/reply.ts'
import { begun, committed, count, rolledBack } from '../../support/tds/reply.ts'
import type { PlayedSession } from './played-session.ts'

/** What effects send in these tests, to an account beside the orders. */
export function effectAnswer(sql: string, played: PlayedSession, account: { balance: number }): Reply {
  const credit = /^update \[?accounts\]? set \[?balance\]? = \[?balance\]? \+ (\d+)/.exec(sql)
  if (credit) {
    const amount = Number(credit[1])
    played.change(
      () => (account.balance += amount),
      () => (account.balance -= amount),
    )
    return [count(1)]
  }
  switch (sql) {
    case 'begin tran':
      played.begin()
      return played.transactions === 1 ? [begun()] : []
    case 'commit':
      return played.commit() ? [committed()] : []
    case 'rollback':
    case 'rollback transaction':
      played.rollBack()
      return [rolledBack()]
    case 'commit; begin tran':
      played.commit()
      played.begin()
      return [committed(), begun()]
    case 'select 2':
    case '':
      return []
    default:
      if (/^(?:set [^;]*;?\s*)+$/i.test(sql)) return []
      throw new Error(`The played shop does not know: ${sql}`)
  }
}
