import { setTimeout as pause } from 'node:timers/promises'
import type { ColumnTypeName } from '../support/tds/columns.ts'
import { begun, error, rolledBack, rows, staysOpen } from '../support/tds/reply.ts'
import type { Reply } from '../support/tds/reply.ts'
import type { TdsRequest } from '../support/tds/requests.ts'
import type { TdsScript } from '../support/tds/script.ts'
import type { TdsSession } from '../support/tds/session.ts'
import { effectAnswer } from './claims/played-effects.ts'
import { applySets, PlayedSession } from './claims/played-session.ts'
import type { Settings } from './claims/played-session.ts'
import { catalogAnswer } from './claims/played-table.ts'
import type { PlayedTable } from './claims/played-table.ts'
import type { PlayedRecord, PlayedRows } from './played-rows.ts'

interface Batch {
  readonly played: PlayedSession
  readonly settings: Settings
  readonly isolationBefore: number
  readonly gone: AbortSignal
}

/**
 * Plays the server of one table: rows are locked, waited for and passed over as the hints say, and what is rolled back is
 * undone.
 */
export class PlayedRowsServer implements TdsScript {
  /** Takes no lock for `updlock`, and passes nothing over, without a word. */
  ignoresHints = false
  /** By how many milliseconds the clock of the server is ahead of the machine's. */
  ahead = 0
  readonly #account = { balance: 0 }
  readonly #sessions = new Map<TdsSession, PlayedSession>()
  readonly #locks = new Map<number, PlayedSession>()
  readonly #rows: PlayedRows
  readonly #table: PlayedTable

  constructor(table: PlayedTable, rows: PlayedRows) {
    this.#table = table
    this.#rows = rows
  }

  /** What a change is refused with; `null`: nothing. */
  protected refusal(): ReturnType<typeof error> | null {
    return null
  }

  get now(): number {
    return performance.timeOrigin + performance.now() + this.ahead
  }

  get balance(): number {
    this.#catchUp()
    return this.#account.balance
  }

  /** Every connection that is open. */
  get open(): readonly PlayedSession[] {
    this.#catchUp()
    return [...this.#sessions.values()].filter(({ session }) => !session.closed)
  }

  readonly answer = async (request: TdsRequest, session: TdsSession, gone: AbortSignal): Promise<Reply> => {
    this.#catchUp()
    const played = this.#of(session)
    switch (request.kind) {
      case 'begin':
        played.begin()
        if (request.isolationLevel) played.settings.isolation = request.isolationLevel
        return played.transactions > 1 ? [staysOpen()] : []
      case 'commit':
        return played.commit() ? [] : [staysOpen()]
      case 'rollback':
        played.rollBack()
        return []
      case 'save':
        return []
      case 'batch':
      case 'rpc': {
        const isolationBefore = played.settings.isolation
        const settings = request.kind === 'rpc' ? { ...played.settings } : played.settings
        applySets(request.sql, settings)
        const reply = await this.#run(request, { played, settings, isolationBefore, gone })
        played.statementEnds()
        return reply
      }
    }
  }

  readonly cancelled = (): Reply => []

  readonly closed = (session: TdsSession): void => this.#of(session).rollBack()

  #of(session: TdsSession): PlayedSession {
    let played = this.#sessions.get(session)
    if (played === undefined) this.#sessions.set(session, (played = new PlayedSession(session, false)))
    return played
  }

  #catchUp(): void {
    for (const played of this.#sessions.values()) played.catchUp()
  }

  async #run(request: TdsRequest, batch: Batch): Promise<Reply> {
    const { sql } = request
    const { played, settings, isolationBefore } = batch
    const catalog = catalogAnswer(sql, 0, settings.implicit, this.#table)
    if (catalog !== null) return catalog
    const name = `[dbo].[${this.#table.name}]`
    if (sql.includes(`\nupdate ${name}\n`)) return await this.#update(request, batch)
    if (sql.includes(`\nfrom ${name}`)) return await this.#read(request, batch)
    if (sql.includes('@@trancount as transactions')) {
      const { transactions, transactionId } = played
      const row = { transactions, state: transactions > 0 ? 1 : 0, id: transactionId }
      return [rows({ transactions: 'int', state: 'int', id: 'bigint' }, [row])]
    }
    if (sql.includes('as isolation_level\nfrom sys.dm_exec_sessions')) {
      played.begin()
      const opened = played.transactions === 1 ? [begun()] : []
      return [...opened, rows({ isolation_level: 'int' }, [{ isolation_level: isolationBefore }])]
    }
    return effectAnswer(sql, played, this.#account)
  }

  async #update(request: TdsRequest, { played, settings, gone }: Batch): Promise<Reply> {
    const [, set = '', where = ''] = UPDATE.exec(request.sql) ?? []
    if (!(await this.#waitFor(where, request, played, settings, gone))) return [LOCK_TIMEOUT]
    const ids = this.#rows.ids('current', where, request, this.now)
    const before = ids.map((id) => this.#rows.one(id))
    const undo = (): void => before.forEach((row) => this.#rows.put('current', row))
    this.#rows.change(set, ids, request, this.now)
    const refusal = this.refusal()
    if (refusal !== null) {
      undo()
      const isOpen = played.transactions > 0
      if (isOpen) played.rollBack()
      return [refusal, ...(isOpen ? [rolledBack()] : [])]
    }
    for (const id of ids) this.#lock(id, played)
    played.change(() => {}, undo)
    const told = {
      claim_rows: ids.length,
      claim_transactions: played.transactions,
      claim_implicit: settings.implicit ? 2 : 0,
      claim_transaction_id: played.transactionId,
    }
    return [
      rows({ claim_rows: 'int', claim_transactions: 'int', claim_implicit: 'int', claim_transaction_id: 'bigint' }, [
        told,
      ]),
    ]
  }

  async #read(request: TdsRequest, { played, settings, gone }: Batch): Promise<Reply> {
    const [, top, list = '', hint = '', where = '', order = ''] = READ.exec(request.sql) ?? []
    const passesOver = hint.includes('readpast') && !this.ignoresHints
    if (!passesOver && !(await this.#waitFor(where, request, played, settings, gone))) return [LOCK_TIMEOUT]
    const found = this.#rows.ids('current', `${where} ${order}`, request, this.now)
    const ids = found
      .filter((id) => !passesOver || this.#isFreeFor(id, played))
      .slice(0, top === undefined ? undefined : Number(top))
    if (hint.includes('updlock') && !this.ignoresHints) for (const id of ids) this.#lock(id, played)
    const told = list
      .replace('@@options & 2', settings.implicit ? '2' : '0')
      .replace('@@trancount', String(played.transactions))
      .replace("databasepropertyex(db_name(), 'Updateability')", "'READ_WRITE'")
    const read = this.#rows.rows(told, ids, order, request, this.now)
    const [first] = read
    if (first === undefined) return [rows({}, [])]
    return [rows(Object.fromEntries(Object.keys(first).map((name) => [name, typeOf(read, name)])), read)]
  }

  #isFreeFor(id: number, played: PlayedSession): boolean {
    const owner = this.#locks.get(id)
    owner?.catchUp()
    return owner === undefined || owner === played || !this.#locks.has(id)
  }

  /** For every row that meets the condition, or met it before somebody changed it. `false`: lock_timeout is over. */
  async #waitFor(
    where: string,
    request: TdsRequest,
    played: PlayedSession,
    { lockTimeout }: Settings,
    gone: AbortSignal,
  ): Promise<boolean> {
    const until = lockTimeout < 0 ? Infinity : performance.now() + lockTimeout
    const isHeld = (): boolean =>
      (['current', 'committed'] as const).some((table) =>
        this.#rows.ids(table, where, request, this.now).some((id) => !this.#isFreeFor(id, played)),
      )
    while (isHeld()) {
      if (gone.aborted || performance.now() >= until) return false
      await pause(2)
    }
    return true
  }

  #lock(id: number, played: PlayedSession): void {
    if (this.#locks.get(id) === played) return
    this.#locks.set(id, played)
    played.keep(() => {
      if (this.#locks.get(id) === played) this.#locks.delete(id)
      this.#rows.put('committed', this.#rows.one(id))
    })
  }
}

const UPDATE = /\nupdate \[dbo\]\.\[\w+\]\nset ([^]*?)\noutput inserted\.\[status\] into @claimed\nwhere ([^]*?);\n/
const READ = /\nselect (?:top \((\d+)\) )?([^]*?)\nfrom \[dbo\]\.\[\w+\](.*)\nwhere ([^]*?)(\norder by [^]*)?$/
const LOCK_TIMEOUT = error({ number: 1222, message: 'Lock request time out period exceeded.', state: 51, class: 16 })

function typeOf(read: readonly PlayedRecord[], name: string): ColumnTypeName {
  return read.some((row) => typeof row[name] === 'number') ? 'bigint' : 'nvarchar(4000)'
}
