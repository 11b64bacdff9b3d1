import { mkdtempSync, appendFileSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createClaims } from '../../src/index.ts'
import {
  assertHistory,
  checkHistory,
  createHistory,
  fromLines,
  inMemory,
  mergeHistories,
  race,
  toLine,
} from '../../src/testing/index.ts'
import type { History, HistoryEvent } from '../../src/testing/index.ts'
import { sqlite } from '../../src/adapters/sqlite.ts'

const orderRows = (status = 'Wait') => [
  { order_id: 1, status, row_version: 0, claim_token: null, gateway_txn: null },
  { order_id: 2, status: 'Wait', row_version: 0, claim_token: null, gateway_txn: null },
]

const config = {
  table: 'orders',
  columns: { id: 'order_id', status: 'status', version: 'row_version', token: 'claim_token', paymentId: 'gateway_txn' },
  states: { waiting: 'Wait', claimed: 'Y' },
} as const

function recorded(history: History = createHistory({ process: 'p' })) {
  const shop = inMemory({
    orders: { key: 'order_id', rows: orderRows() },
    ledger: { key: 'id', rows: [], types: { id: 'integer', order_id: 'integer' } },
  })
  onTestFinished(shop.close)
  const plain = createClaims({ database: shop.database, ...config, onEvent: history.onEvent })
  const entriesOf = (id: number): number => shop.rows('ledger').filter(({ order_id: order }) => order === id).length
  const finalOf = (id: number): void => {
    const { status } = shop.rows('orders').find(({ order_id: order }) => order === id)!
    history.record({ kind: 'final', order: id, status, claimed: status === 'Y', effects: entriesOf(id) })
  }
  return { shop, history, plain, orders: history.watch(plain), finalOf }
}

const write = (tx: { exec(sql: string): unknown }, id: number): unknown =>
  tx.exec(`insert into ledger (order_id) values (${id})`)

const kinds = (events: readonly HistoryEvent[]): string[] => events.map(({ kind }) => kind)

describe('watched claims', () => {
  test('a race is recorded, and stands up to the checker', async () => {
    const { history, orders, finalOf } = recorded()
    history.by('gateway').record({ kind: 'paid', order: 1, payment: 'T-1' })
    const { counts } = await race(10, () =>
      orders.claimOnce(1, { strategy: 'pessimistic', paymentId: 'T-1', effect: (tx) => write(tx, 1) }),
    )
    finalOf(1)
    expect(counts).toEqual({ claimed: 1, duplicate: 9 })
    assertHistory(history)
    expect(kinds(history.events).filter((kind) => kind === 'started')).toHaveLength(10)
    expect(kinds(history.events).filter((kind) => kind === 'effect_ran')).toHaveLength(1)
    expect(kinds(history.events).filter((kind) => kind === 'note')).toEqual([])
    const first = history.events.find(({ kind }) => kind === 'started')
    expect(first).toMatchObject({
      order: '1',
      call: 'p#1',
      operation: 'claimOnce',
      strategy: 'pessimistic',
      payment: 'T-1',
      process: 'p',
      actor: 'p',
    })
    expect(history.events.map(({ number }) => number)).toEqual(history.events.map((_event, index) => index + 1))
    const times = history.events.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('a reset is recorded, and what is thrown, and what happened in between', async () => {
    const { history, orders, finalOf } = recorded()
    await orders.claimOnce(1, { effect: (tx) => write(tx, 1) })
    await orders.reset(1)
    await expect(
      orders.claimOnce(1, {
        effect: async () => {
          await pause(1)
          throw Object.assign(new Error('no card'), { code: 'EMPTY' })
        },
      }),
    ).rejects.toThrow('no card')
    await orders.claimOnce(1, { effect: (tx) => write(tx, 1) })
    finalOf(1)
    assertHistory(history)
    expect(history.events).toContainEqual(
      expect.objectContaining({ kind: 'outcome', operation: 'reset', outcome: 'reset', call: 'p#2' }),
    )
    expect(history.events).toContainEqual(
      expect.objectContaining({ kind: 'note', what: 'attempt 1: effect failed: no card', call: 'p#3', order: '1' }),
    )
    expect(history.events).toContainEqual(
      expect.objectContaining({ kind: 'error', code: 'EMPTY', message: 'no card', call: 'p#3' }),
    )
  })

  test('a provisional claim counts when the caller commits, which the table tells', async () => {
    const { shop, history, orders, finalOf } = recorded()
    shop.db.exec('begin')
    const result = await orders.claimOnce(1, { transaction: shop.db })
    expect(result).toMatchObject({ outcome: 'claimed', provisional: true })
    shop.db.exec('rollback')
    finalOf(1)
    assertHistory(history)
    const text = history.events.map(toLine).join('')
    expect(result).toHaveProperty('token')
    expect(text).not.toContain((result as { token: string }).token)
  })

  test('a synchronous effect stays synchronous', async () => {
    const { shop, history } = recorded()
    const orders = history.watch(createClaims({ database: sqlite(shop.db), ...config }))
    expect(
      await orders.claimOnce(1, { effect: (tx) => tx.exec('insert into ledger (order_id) values (1)') }),
    ).toMatchObject({
      outcome: 'claimed',
    })
  })

  test('what the program says during a call, or a fault, belongs to the call', async () => {
    const { history, orders } = recorded()
    await orders.claimOnce(1, { effect: () => history.record({ kind: 'note', what: 'recharging' }) })
    history.record({ kind: 'fault', what: 'outside of any call' })
    expect(history.events).toContainEqual(
      expect.objectContaining({ kind: 'note', what: 'recharging', order: '1', call: 'p#1' }),
    )
    expect(history.events.at(-1)).not.toHaveProperty('order')
  })
})

describe('claims that are not watched', () => {
  test('are recorded by their outcomes', async () => {
    const { history, plain, finalOf } = recorded()
    await race(5, () => plain.claimOnce(1, { effect: (tx) => write(tx, 1) }))
    finalOf(1)
    expect(kinds(history.events)).toEqual(['outcome', 'outcome', 'outcome', 'outcome', 'outcome', 'final'])
    assertHistory(history)
  })

  test('two winners are found', () => {
    const history = createHistory({ process: 'p' })
    const event = { operation: 'claimOnce', orderId: 1, strategy: 'conditional', attempt: 1, elapsedMs: 3 } as const
    const result = {
      outcome: 'claimed',
      reply: 'handled',
      value: undefined,
      recovered: false,
      provisional: false,
    } as const
    history.onEvent({ ...event, type: 'outcome', result })
    history.onEvent({ ...event, type: 'outcome', result })
    expect(checkHistory(history).map(({ rule }) => rule)).toEqual(['claimed_twice'])
  })
})

describe('claims as they will be', () => {
  const scripted = (ends: Readonly<Record<string, (subject: unknown, options: Work) => unknown>>) => ends
  interface Work {
    readonly leaseMs?: number
    readonly work?: (order: unknown, context: { attempt: number }) => unknown
  }

  test('a lease is recorded from its work', async () => {
    const history = createHistory({ process: 'p' })
    const claims = history.watch(
      scripted({
        leaseOnce: async (_id, { work }) => {
          await work?.({}, { attempt: 2 })
          return { outcome: 'claimed', reply: 'handled' }
        },
      }),
    )
    await claims['leaseOnce']!(1, { leaseMs: 500, work: () => pause(2) })
    const lost = Object.assign(new Error('taken over'), { code: 'CLAIM_LOST' })
    const other = history.watch(
      scripted({
        leaseOnce: async (id, { work }) => {
          await work?.({}, { attempt: 1 })
          throw id === 1 ? lost : new Error('later')
        },
      }),
    )
    await expect(other['leaseOnce']!(1, { work: () => 1 })).rejects.toBe(lost)
    await expect(other['leaseOnce']!(2, { work: () => 1 })).rejects.toThrow('later')
    const leases = history.events.filter(({ kind }) => kind.startsWith('lease_'))
    expect(leases).toEqual([
      expect.objectContaining({ kind: 'lease_taken', order: '1', call: 'p#1', attempt: 2, leaseMs: 500 }),
      expect.objectContaining({ kind: 'lease_completed', order: '1', call: 'p#1', attempt: 2 }),
      expect.objectContaining({ kind: 'lease_taken', call: 'p#2', attempt: 1 }),
      expect.objectContaining({ kind: 'lease_lost', call: 'p#2', attempt: 1 }),
      expect.objectContaining({ kind: 'lease_taken', call: 'p#3', order: '2' }),
      expect.objectContaining({ kind: 'lease_given_back', call: 'p#3' }),
    ])
    expect(Reflect.get(leases[1]!, 'since')).toBeLessThanOrEqual(leases[1]!.at)
  })

  test('an unknown claim and what resolves it are one claim, also by the error itself', async () => {
    const history = createHistory({ process: 'p' })
    const won = (recovered: boolean) => ({ outcome: 'claimed', reply: 'handled', recovered, provisional: false })
    const failure = Object.assign(new Error('no answer'), {
      code: 'CLAIM_UNKNOWN',
      pending: 'secret',
      resolve: async () => won(true),
    })
    const claims = history.watch(
      scripted({
        claimOnce: async () => {
          throw failure
        },
        resolve: async () => won(false),
      }),
    )
    await expect(claims['claimOnce']!(7, {})).rejects.toBe(failure)
    await claims['resolve']!('secret', {})
    await failure.resolve()
    history.record({ kind: 'final', order: 7, status: 'Y', claimed: true, effects: 1 })
    assertHistory(history)
    expect(history.events.filter(({ kind }) => kind === 'outcome')).toHaveLength(2)
    expect(history.events.map(toLine).join('')).not.toContain('secret')
  })
})

describe('several processes', () => {
  test('write lines, of which the last may break off, and are merged in the order of time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'claim-once-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'history.jsonl')
    const a = createHistory({ process: 'a', onRecord: (event) => appendFileSync(file, toLine(event)) })
    const b = createHistory({ process: 'b', actor: 'gateway' })
    a.record({ kind: 'paid', order: 1 })
    b.record({ kind: 'paid', order: 2 })
    a.record({ kind: 'gave_up', order: 1 })
    const text = readFileSync(file, 'utf8')
    expect(fromLines(text)).toEqual(a.events)
    expect(fromLines(text.slice(0, -20))).toEqual(a.events.slice(0, -1))
    expect(fromLines(text.trimEnd())).toEqual(a.events)
    expect(() => fromLines(`{"kind":\n${text}`)).toThrow(SyntaxError)
    const merged = mergeHistories(b, fromLines(text))
    expect(merged.map(({ process, number }) => `${process}${number}`)).toEqual(['a1', 'b1', 'a2'])
    expect(merged[1]).toMatchObject({ actor: 'gateway' })
  })
})
