import type { TdsScript } from '../../support/tds/script.ts'
import type { Reply, ReplyPart } from '../../support/tds/reply.ts'
import { begun, count, error, rolledBack, rows, staysOpen } from '../../support/tds/reply.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import type { TdsSession } from '../../support/tds/session.ts'
import type { TdsErrorDetails } from '../../support/tds/tokens.ts'
import { assigned, conditionsHold, parameterOf, selected } from './played-clauses.ts'
import { effectAnswer } from './played-effects.ts'
import { changeRow, lockRow, newOrder, waitForRow } from './played-row.ts'
import type { PlayedOrder, PlayedRow } from './played-row.ts'
import { applySets, PlayedSession } from './played-session.ts'
import type { Settings } from './played-session.ts'
import { catalogAnswer } from './played-table.ts'

/** What a batch runs in. */
interface Batch {
  readonly played: PlayedSession
  /** The session's, or the batch's own. */
  readonly settings: Settings
  readonly isolationBefore: number
  readonly gone: AbortSignal
}

/**
 * Plays the server to claims: it knows the statements of the dialect by their clauses, carries out what their guards and
 * settings say, keeps locks, and undoes what is rolled back. It knows nothing of T-SQL beyond that: what a statement
 * means is not its business, but what is sent in which order, in which batch, and what becomes of a connection.
 *
 * A `set` inside an RPC (sp_executesql) is undone when it returns, one in a batch stays.
 */
export class PlayedShop implements TdsScript {
  readonly orders = new Map<string, PlayedOrder>()
  readonly #account = { balance: 0 }
  /** What triggers count beside the update itself. */
  countsOfTriggers: readonly number[] = []
  insteadOfTriggers = 0
  /** The claim is carried out, and answered without the row that would say so. */
  answersNothing = false
  /** A secondary. */
  readOnly = false
  /** READ_COMMITTED_SNAPSHOT: a read without a hint waits for nobody, and sees what was committed before. */
  snapshots = false
  /** Once: the claim's batch fails after its rows were sent, and is rolled back. */
  failAfterRows: TdsErrorDetails | null = null
  /** The server's option 512: NOCOUNT in every new session. */
  noCount = false
  /** By how many milliseconds the clock of the server is ahead of the machine's. */
  ahead = 0
  readonly #sessions = new Map<TdsSession, PlayedSession>()

  add(id: number, status = 'Wait'): number {
    this.orders.set(String(id), newOrder(id, status))
    return id
  }

  /** sysutcdatetime(). */
  get now(): number {
    return performance.timeOrigin + performance.now() + this.ahead
  }

  /** What is on the account, committed or not. */
  get balance(): number {
    this.#catchUp()
    return this.#account.balance
  }

  /** What is in the row, committed or not. */
  rowOf(id: number): PlayedRow {
    this.#catchUp()
    const order = this.orders.get(String(id))
    if (order === undefined) throw new Error(`There is no order ${id}.`)
    return order.row
  }

  statusOf(id: number): string {
    return this.rowOf(id).status
  }

  of(session: TdsSession): PlayedSession {
    let played = this.#sessions.get(session)
    if (played === undefined) this.#sessions.set(session, (played = new PlayedSession(session, this.noCount)))
    return played
  }

  /** Every connection that is open. */
  get open(): readonly PlayedSession[] {
    return [...this.#sessions.values()].filter(({ session }) => !session.closed)
  }

  readonly answer = async (request: TdsRequest, session: TdsSession, gone: AbortSignal): Promise<Reply> => {
    this.#catchUp()
    const played = this.of(session)
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

  /** An attention ends the statement; under XACT_ABORT the transaction with it. */
  readonly cancelled = (): Reply => []

  readonly closed = (session: TdsSession): void => this.of(session).rollBack()

  /** With transactions that a fault has rolled back. */
  #catchUp(): void {
    for (const played of this.#sessions.values()) played.catchUp()
  }

  async #run(request: TdsRequest, batch: Batch): Promise<Reply> {
    const { sql } = request
    const { played, settings, isolationBefore } = batch
    const catalog = catalogAnswer(sql, this.insteadOfTriggers, settings.implicit)
    if (catalog !== null) return catalog
    if (/^update \[dbo\]\.\[orders\]/m.test(sql)) return await this.#update(request, batch)
    if (/^from \[dbo\]\.\[orders\]/m.test(sql)) return await this.#read(request, batch)
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
    const { sql } = request
    const [, set = '', where = ''] = UPDATE.exec(sql) ?? []
    const order = this.#orderIn(where, request)
    const parts: ReplyPart[] = []
    if (settings.implicit && played.transactions === 0) {
      played.begin()
      parts.push(begun())
    }
    if (order !== undefined && !(await waitForRow(order, played, settings, gone))) return [...parts, LOCK_TIMEOUT]
    const judged = { request, now: this.now }
    const before = order?.row
    const changed = order !== undefined && conditionsHold(order.row, where, judged) ? 1 : 0
    if (order !== undefined && changed === 1) changeRow(order, assigned(order.row, set, judged), played)
    if (!settings.noCount) parts.push(count(changed))
    parts.push(...this.countsOfTriggers.map(count))
    if (this.answersNothing) return []
    parts.push(
      rows({ claim_rows: 'int', claim_transactions: 'int', claim_implicit: 'int', claim_transaction_id: 'bigint' }, [
        {
          claim_rows: changed,
          claim_transactions: played.transactions,
          claim_implicit: settings.implicit ? 2 : 0,
          claim_transaction_id: played.transactionId,
        },
      ]),
    )
    const failure = this.failAfterRows
    if (failure !== null) {
      this.failAfterRows = null
      const alone = played.transactions === 0
      // Outside of any transaction, only a batch that catches the error undoes what it has done.
      if (before !== undefined && order !== undefined && (!alone || sql.includes('\nbegin catch\n'))) order.row = before
      played.rollBack()
      parts.push(error(failure), ...(alone ? [] : [rolledBack()]))
    }
    return parts
  }

  async #read(request: TdsRequest, { played, settings, gone }: Batch): Promise<Reply> {
    const [, list = '', hint = '', where = ''] = READ.exec(request.sql) ?? []
    const order = this.#orderIn(where, request)
    if (order === undefined) return [rows({}, [])]
    const asOfBefore = this.snapshots && hint === ''
    if (!asOfBefore && !(await waitForRow(order, played, settings, gone))) return [LOCK_TIMEOUT]
    if (hint.includes('updlock')) lockRow(order, played)
    const cells = selected(asOfBefore ? order.committed : order.row, list, {
      request,
      now: this.now,
      transactions: played.transactions,
      implicit: settings.implicit,
      readOnly: this.readOnly,
    })
    return [
      rows(Object.fromEntries(cells.map(([name, [type]]) => [name, type])), [
        Object.fromEntries(cells.map(([name, [, value]]) => [name, value])),
      ]),
    ]
  }

  #orderIn(where: string, request: TdsRequest): PlayedOrder | undefined {
    return this.orders.get(String(parameterOf(request, /\[order_id\] = cast\(@(\d+) as int\)/.exec(where)?.[1])))
  }
}

const UPDATE = /\nupdate \[dbo\]\.\[orders\]\nset ([^]*?)\noutput inserted\.\[status\] into @claimed\nwhere ([^]*?);\n/
const READ = /\nselect ([^]*?)\nfrom \[dbo\]\.\[orders\](.*)\nwhere ([^]*)$/
const LOCK_TIMEOUT = error({ number: 1222, message: 'Lock request time out period exceeded.', state: 51, class: 16 })
