/** One process of the shop. It answers callbacks until it is killed, or until those who started it are gone. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { createPool } from 'mysql2/promise'
import type { Pool } from 'mysql2/promise'
import { isClaimError, isUnknownClaimError } from '../../../src/index.ts'
import type { ClaimEvent, ClaimResult, LeaseResult } from '../../../src/index.ts'
import { createHistory } from '../../../src/testing/history/history.ts'
import { toLine } from '../../../src/testing/history/lines.ts'
import type { Answer, News, Request, WorkerSettings } from '../contest.ts'
import { loadMutant } from '../mutants/mutant.ts'
import type { ClientName, OrderPlan } from '../plan/order-plan.ts'
import { setClock } from './clock.ts'
import { openShop } from './shop.ts'
import type { ShopSide } from './shop.ts'

/** What happened in one call, collected from its events. */
interface Notes {
  readonly call: number
  readonly unknown: string[]
  retries: number
}

const NOTHING: Pick<Answer, 'recovered' | 'receipt' | 'pending' | 'attempt' | 'message'> = {
  recovered: false,
  receipt: null,
  pending: null,
  attempt: 0,
  message: null,
}

const notesOf = new AsyncLocalStorage<Notes>()
/** Works that wait for leave to call the outside, by their calls. */
const waiting = new Map<number, () => void>()
let shop: Record<ClientName, ShopSide> | null = null
let outside: Pool | null = null

const tell = (news: News): void => void process.send?.(news)

process.on('disconnect', () => process.exit())
process.on('message', (request: Request) => {
  switch (request.ask) {
    case 'open':
      void open(request.settings)
      return
    case 'call':
      void answer(request.call, () => handle(request.order))
      return
    case 'resolve':
      void answer(request.call, () => resolve(request.order, request.pending))
      return
    case 'go on':
      waiting.get(request.call)?.()
      waiting.delete(request.call)
      return
    case 'set clock':
      setClock(request.offsetMs)
      return
  }
})

async function open(settings: WorkerSettings): Promise<void> {
  setClock(settings.clockOffsetMs)
  outside = createPool({ uri: settings.outsideUrl, connectionLimit: 2, connectTimeout: 5_000 })
  const file = openSync(settings.historyFile, 'a')
  const history = createHistory({
    process: settings.name,
    onRecord: (event) => void writeSync(file, toLine(event)),
  })
  shop = openShop(settings, await loadMutant(settings.mutant), history, note)
  tell({ news: 'ready' })
  // A killed process saves nothing: so that the next one starts sooner.
  flushCompileCache()
}

function note(event: ClaimEvent): void {
  const notes = notesOf.getStore()
  if (event.type === 'retry' && notes !== undefined) notes.retries += 1
  if (event.type === 'unknown') notes?.unknown.push(event.phase)
}

async function answer(call: number, work: () => Promise<Told>): Promise<void> {
  const notes: Notes = { call, unknown: [], retries: 0 }
  const startedAt = performance.now()
  const outcome = await notesOf.run(notes, () => told(work))
  const elapsedMs = Math.round(performance.now() - startedAt)
  tell({
    news: 'answered',
    call,
    answer: { ...NOTHING, unknown: notes.unknown, retries: notes.retries, elapsedMs, ...outcome },
  })
}

type Told = Pick<Answer, 'outcome' | 'reply'> & Partial<typeof NOTHING>

async function told(work: () => Promise<Told>): Promise<Told> {
  try {
    return await work()
  } catch (error) {
    const { message, cause, code } = error as Error & { readonly code?: string }
    const because = cause instanceof Error ? `${message} (${cause.message})` : message
    if (isClaimError(error)) {
      const pending = isUnknownClaimError(error) ? error.pending : null
      return { outcome: error.code, reply: error.reply, message: because, pending }
    }
    // What a statement of the effect's met is thrown on unchanged; anything but a lost connection is a fault of ours.
    const outcome = LOST.test(code ?? '') ? 'effect lost its connection' : 'error'
    return { outcome, reply: 'call_again', message: because }
  }
}

const LOST = /^(?:PROTOCOL_CONNECTION_LOST|ECONNRESET|ECONNREFUSED|EPIPE|ER_SERVER_SHUTDOWN|ER_CONNECTION_KILLED)$/

async function handle(order: OrderPlan): Promise<Told> {
  const side = sideOf(order)
  switch (order.kind) {
    case 'effect':
      return of(await side.claimWithEffect(order))
    case 'bare':
      return await worked(order, of(await side.claimBare(order)))
    case 'lease':
      return of(await side.lease(order, work))
  }
}

async function resolve(order: OrderPlan, pending: string): Promise<Told> {
  const found = of(await sideOf(order).resolve(order, pending))
  // Whoever is told `recovered` may be told so with others: the work of a bare claim is left to the one who claims now.
  return order.kind === 'bare' && !found.recovered ? await worked(order, found) : found
}

/** What a shop does after a bare claim. At most once: where the process is killed before it, nobody does it. */
async function worked(order: OrderPlan, found: Told): Promise<Told> {
  if (found.outcome === 'claimed') await outside?.query('insert into bare_work (order_id) values (?)', [order.id])
  return found
}

/** The outside: a provider that is told of a payment, and does one thing for each idempotency key. */
async function work(order: OrderPlan, attempt: number, idempotencyKey: string): Promise<void> {
  const call = notesOf.getStore()?.call
  if (call === undefined || outside === null) throw new Error('The work runs outside of any call.')
  const leave = new Promise<void>((resolve) => waiting.set(call, resolve))
  tell({ news: 'working', call, order: order.id })
  await leave
  await outside.query('insert into outside_calls (idempotency_key, order_id, attempt) values (?)', [
    [idempotencyKey, order.id, attempt],
  ])
  await outside.query('insert ignore into outside (idempotency_key, order_id, amount) values (?)', [
    [idempotencyKey, order.id, order.amount],
  ])
  await pause(order.workMs)
}

function sideOf(order: OrderPlan): ShopSide {
  if (shop === null) throw new Error('The shop is not open.')
  return shop[order.client]
}

function of(result: ClaimResult<unknown> | LeaseResult<unknown>): Told {
  const { outcome, reply } = result
  const receipt = 'value' in result && typeof result.value === 'string' ? result.value : null
  const attempt = 'attempt' in result ? result.attempt : 0
  return { outcome, reply, receipt, attempt, recovered: outcome === 'claimed' && result.recovered }
}
