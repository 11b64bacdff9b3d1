import { waitingThreads } from '../support/mysql-lock-waits.ts'
import type { Subject } from './subject.ts'

type Asked = Pick<Subject, 'query'>

async function isBlockedOnMysql({ query }: Asked, text: string): Promise<boolean> {
  const waiting = [...(await waitingThreads(query))]
  if (waiting.length === 0) return false
  const rows = await query(
    `select id from information_schema.processlist
     where db = database() and id in (${waiting.join(', ')}) and info like '%${text}%'`,
  )
  return rows.length > 0
}

/** LCK_M_X of SQL Server; Babelfish says Lock. */
async function isBlockedOnMssql({ query }: Asked): Promise<boolean> {
  const [row] = await query(
    `select count(*) as n from sys.sysprocesses
     where dbid = db_id() and spid <> @@spid and blocked <> 0 and lastwaittype like 'L%CK%'`,
  )
  return Number(row?.['n']) > 0
}

const IS_BLOCKED = {
  mysql: isBlockedOnMysql,
  mssql: isBlockedOnMssql,
  // Nobody waits in the database there.
  sqlite: async () => false,
} as const satisfies Record<Subject['family'], (subject: Asked, text: string) => Promise<boolean>>

/** Whether a connection to the shop's database waits for a lock; on MySQL, in a statement that has this text in it. */
export const isBlocked = (subject: Pick<Subject, 'family' | 'query'>, text: string): Promise<boolean> =>
  IS_BLOCKED[subject.family](subject, text)
