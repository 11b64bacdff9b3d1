import { setTimeout as pause } from 'node:timers/promises'
import type { TdsScript } from '../../support/tds/script.ts'
import type { Reply, ReplyPart } from '../../support/tds/reply.ts'
import { begun, committed, count, error, rolledBack, rows, staysOpen } from '../../support/tds/reply.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import type { TdsSession } from '../../support/tds/session.ts'
import type { TdsErrorDetails } from '../../support/tds/tokens.ts'
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

export interface PlayedOrder {
  status: string
  version: number
  token: string | null
  lockedBy: PlayedSession | null
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
  #balance = 0
  /** What triggers count beside the update itself. */
  countsOfTriggers: readonly number[] = []
  insteadOfTriggers = 0
  /** The claim is carried out, and answered without the row that would say so. */
  answersNothing = false
  /** A secondary. */
  readOnly = false
  /** Once: the claim's batch fails after its rows were sent, and is rolled back. */
  failAfterRows: TdsErrorDetails | null = null
  /** The server's option 512: NOCOUNT in every new session. */
  noCount = false
  readonly #sessions = new Map<TdsSession, PlayedSession>()

  add(id: number, status = 'Wait'): number {
    this.orders.set(String(id), { status, version: 2000 + id, token: null, lockedBy: null })
    return id
  }

  /** What is on the account, committed or not. */
  get balance(): number {
    this.#catchUp()
    return this.#balance
  }

  statusOf(id: number): string | undefined {
    this.#catchUp()
    return this.orders.get(String(id))?.status
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

  async #run(request: TdsRequest, { played, settings, isolationBefore, gone }: Batch): Promise<Reply> {
    const { sql } = request
    const catalog = catalogAnswer(sql, this.insteadOfTriggers, settings.implicit)
    if (catalog !== null) return catalog
    if (/^update \[dbo\]\.\[orders\]/m.test(sql)) return await this.#update(request, played, settings, gone)
    if (/^from \[dbo\]\.\[orders\]/m.test(sql)) return await this.#read(request, played, settings, gone)
    if (sql.includes('@@trancount as transactions')) {
      const { transactions, transactionId } = played
      const row = { transactions, state: transactions > 0 ? 1 : 0, id: transactionId }
      return [rows({ transactions: 'int', state: 'int', id: 'bigint' }, [row])]
    }
    if (sql.includes('as isolation_level\nfrom sys.dm_exec_sessions')) {
      const before = isolationBefore
      played.begin()
      const opened = played.transactions === 1 ? [begun()] : []
      return [...opened, rows({ isolation_level: 'int' }, [{ isolation_level: before }])]
    }
    return this.#ofEffect(sql, played)
  }

  /** What effects send in these tests. */
  #ofEffect(sql: string, played: PlayedSession): Reply {
    const credit = /^update \[?accounts\]? set \[?balance\]? = \[?balance\]? \+ (\d+)/.exec(sql)
    if (credit) {
      const amount = Number(credit[1])
      played.change(
        () => (this.#balance += amount),
        () => (this.#balance -= amount),
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

  async #update(request: TdsRequest, played: PlayedSession, settings: Settings, gone: AbortSignal): Promise<Reply> {
    const { sql } = request
    const [, where = ''] = sql.split('\nwhere ')
    const order = this.#orderIn(where, request)
    const parts: ReplyPart[] = []
    if (settings.implicit && played.transactions === 0) {
      played.begin()
      parts.push(begun())
    }
    if (order !== undefined && !(await lock(order, played, settings, gone, true))) return [...parts, LOCK_TIMEOUT]
    const changed = order !== undefined && guardsHold(order, where, request) ? 1 : 0
    const before = { ...order }
    if (order !== undefined && changed === 1) {
      const status = valueOf(request, /set \[status\] = @(\d+)/.exec(sql)?.[1])
      const token = valueOf(request, /\[claim_token\] = @(\d+)/.exec(sql)?.[1])
      played.change(
        () => Object.assign(order, { status, version: order.version + 1, token: token ?? null }),
        () => Object.assign(order, { status: before.status, version: before.version, token: before.token }),
      )
    }
    if (!settings.noCount) parts.push(count(changed))
    parts.push(...this.countsOfTriggers.map(count))
    if (this.answersNothing) return []
    const failure = this.failAfterRows
    const told = {
      claim_rows: changed,
      claim_transactions: played.transactions,
      claim_implicit: settings.implicit ? 2 : 0,
      claim_transaction_id: played.transactionId,
    }
    parts.push(
      rows({ claim_rows: 'int', claim_transactions: 'int', claim_implicit: 'int', claim_transaction_id: 'bigint' }, [
        told,
      ]),
    )
    if (failure !== null) {
      this.failAfterRows = null
      const alone = played.transactions === 0
      // Outside of any transaction, only a batch that catches the error undoes what it has done.
      if (!alone || sql.includes('\nbegin catch\n')) Object.assign(order ?? {}, before)
      played.rollBack()
      parts.push(error(failure), ...(alone ? [] : [rolledBack()]))
    }
    return parts
  }

  async #read(request: TdsRequest, played: PlayedSession, settings: Settings, gone: AbortSignal): Promise<Reply> {
    const { sql } = request
    const order = this.#orderIn(sql, request)
    const locks = sql.includes('updlock')
    if (order !== undefined && !(await lock(order, played, settings, gone, locks))) return [LOCK_TIMEOUT]
    const columns = {
      claim_status: 'nvarchar(64)',
      claim_version: 'varbinary(8)',
      claim_claimed_at_ms: 'bigint',
      claim_payment_id: 'nvarchar(64)',
      claim_autocommit: 'int',
      claim_in_transaction: 'int',
      claim_read_only: 'int',
      amount: 'decimal(12,2)',
    } as const
    const { transactions } = played
    const row = order && {
      claim_status: order.status,
      claim_version: versionBytes(order.version),
      claim_claimed_at_ms: order.status === 'Wait' ? null : 1_700_000_000_000n,
      claim_payment_id: null,
      claim_autocommit: settings.implicit ? 0 : 1,
      claim_in_transaction: transactions,
      claim_read_only: this.readOnly ? 1 : 0,
      amount: '42.00',
    }
    return [rows(columns, row === undefined ? [] : [row])]
  }

  #orderIn(where: string, request: TdsRequest): PlayedOrder | undefined {
    const id = valueOf(request, /\[order_id\] = cast\(@(\d+) as int\)/.exec(where)?.[1])
    return this.orders.get(String(id))
  }
}

const LOCK_TIMEOUT = error({ number: 1222, message: 'Lock request time out period exceeded.', state: 51, class: 16 })

const versionBytes = (version: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(version))
  return bytes
}

const valueOf = ({ parameters }: TdsRequest, number: string | undefined): unknown =>
  parameters.find(({ name }) => name === `@${number}`)?.value

/** The conditions that the statement has; one that is missing guards nothing. */
function guardsHold(order: PlayedOrder, where: string, request: TdsRequest): boolean {
  const status = /\[status\] = cast\(@(\d+) collate/.exec(where)
  const version = /\[row_version\] = cast\(@(\d+) as varbinary\(8\)\)/.exec(where)
  const wanted = valueOf(request, version?.[1])
  return (
    (status === null || valueOf(request, status[1]) === order.status) &&
    (version === null || (wanted instanceof Uint8Array && versionBytes(order.version).equals(wanted)))
  )
}

/** Waits for the row; `false`: lock_timeout is over. */
async function lock(
  order: PlayedOrder,
  played: PlayedSession,
  { lockTimeout }: Settings,
  gone: AbortSignal,
  keep: boolean,
): Promise<boolean> {
  const until = lockTimeout < 0 ? Infinity : performance.now() + lockTimeout
  while (order.lockedBy !== null && order.lockedBy !== played) {
    order.lockedBy.catchUp()
    if (gone.aborted || performance.now() >= until) return false
    await pause(2)
  }
  if (keep) {
    order.lockedBy = played
    played.keep(() => {
      if (order.lockedBy === played) order.lockedBy = null
    })
  }
  return true
}
