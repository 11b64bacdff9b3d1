import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ChaosDatabase } from '../chaos/database.ts'
import type { ChaosLane } from '../chaos/database.ts'
import type { Rows } from '../contract/subject.ts'
import { openSqliteShop } from '../support/sqlite-shop.ts'
import { lanes } from '../support/lanes.ts'
import { until } from '../support/until.ts'
import { CLOCK, DDL } from './deliveries.ts'
import { ACCOUNTS } from './worker/contest.ts'
import type { Contest, Told } from './worker/contest.ts'
import type { DrainResult } from '../../src/index.ts'

const WORKER = fileURLToPath(new URL('./worker/main.ts', import.meta.url))
const LIMIT_MS = 1_200_000
/** Over how long they become due: however fast they are delivered, there is time to be killed in. */
const SPREAD_SECONDS = 8

/** CLAIM_ONCE_DRAIN_ROWS=20000 for the long run. */
const rowsOf = (rows: number): number => Number(process.env['CLAIM_ONCE_DRAIN_ROWS'] ?? rows)

/** The database of a run, as its referee sees it, who waits until it is back. */
interface Arena {
  readonly family: 'mysql' | 'sqlite'
  readonly url: string
  readonly run: (sql: string) => Promise<Rows>
  /** Kills the database, and waits until it answers again. `null`: it is a file. */
  readonly crash: (() => Promise<void>) | null
  readonly close: () => Promise<void>
}

/** Keeps so many processes at work. */
class Crew {
  readonly #contest: (number: number) => Contest
  readonly #workers: {
    readonly process: ChildProcess
    isReady: boolean
    hasBegun: boolean
    result: DrainResult | null
  }[] = []
  kills = 0

  constructor(size: number, contest: (number: number) => Contest) {
    this.#contest = contest
    for (let number = 0; number < size; number += 1) this.#start(number)
  }

  /** Kills one that is at work as it stands; another one takes its place. */
  async killOne(): Promise<void> {
    const atWork = this.#workers.flatMap(({ hasBegun }, number) => (hasBegun ? [number] : []))
    const number = atWork[Math.floor(Math.random() * atWork.length)]
    const worker = number === undefined ? undefined : this.#workers[number]
    if (number === undefined || worker === undefined) return
    if (worker.process.exitCode !== null) throw new Error(`A worker has ended: ${worker.process.exitCode}.`)
    const exited = once(worker.process, 'exit')
    worker.process.kill('SIGKILL')
    await exited
    this.kills += 1
    this.#start(number)
  }

  /** Tells all to stop, and gives how they ended. */
  async stop(): Promise<unknown[]> {
    const ends = this.#workers.map(async (worker) => {
      await until(() => worker.isReady, 'a worker can be told to stop', 60_000)
      const exited = once(worker.process, 'exit')
      worker.process.kill('SIGTERM')
      await exited
      return worker.result?.outcome
    })
    return await Promise.all(ends)
  }

  end(): void {
    for (const { process } of this.#workers) process.kill('SIGKILL')
  }

  #start(number: number): void {
    const worker = fork(WORKER, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const started = { process: worker, isReady: false, hasBegun: false, result: null as DrainResult | null }
    worker.on('message', (message) => {
      const told = message as Told
      if (told === 'ready') started.isReady = true
      else if (told === 'begun') started.hasBegun = true
      else started.result = told
    })
    worker.send(this.#contest(number))
    this.#workers[number] = started
  }
}

async function fill(arena: Arena, rows: number): Promise<number[]> {
  const { fromNow } = CLOCK[arena.family]
  for (let from = 0; from < rows; from += 500) {
    const values = Array.from({ length: Math.min(500, rows - from) }, (_, index) => {
      return `('N${from + index}', ${fromNow(((from + index) / rows) * SPREAD_SECONDS)})`
    })
    await arena.run(`insert into deliveries (card, due_at) values ${values.join(', ')}`)
  }
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `(${index + 1}, 0)`)
  await arena.run('delete from accounts')
  await arena.run(`insert into accounts (id, balance) values ${accounts.join(', ')}`)
  return (await arena.run('select delivery_id from deliveries order by delivery_id')).map((row) =>
    Number(row['delivery_id']),
  )
}

const numberIn = async (arena: Arena, sql: string): Promise<number> => Number((await arena.run(sql))[0]?.['number'])

/** Four processes deliver, while they are killed, and the database once; nothing is forgotten, and nothing done twice. */
async function contest(arena: Arena, kinds: readonly Contest['kind'][], rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-drain-'))
  const outside = join(folder, 'calls')
  writeFileSync(outside, '')
  const ids = await fill(arena, rows)
  const crew = new Crew(4, (number) => ({
    database: arena.url,
    kind: kinds[number % kinds.length] ?? 'effect',
    outside,
  }))
  onTestFinished(() => {
    crew.end()
    rmSync(folder, { recursive: true, force: true })
  })
  const end = performance.now() + LIMIT_MS
  let crashed = arena.crash === null
  for (let done = 0; done < rows;) {
    if (performance.now() > end) throw new Error(`Only ${done} of ${rows} are done.`)
    // Of many rows more than a handful are done between two deaths.
    await pause(100 + Math.random() * Math.min(3000, 200 + rows / 8))
    await crew.killOne()
    done = await numberIn(arena, `select count(*) as number from deliveries where status = 'Y'`)
    if (!crashed && arena.crash !== null && done > rows / 4) {
      crashed = true
      await arena.crash()
    }
  }
  expect(crashed, 'the database was killed before all was done').toBe(true)
  expect(crew.kills).toBeGreaterThan(2)
  expect(await crew.stop()).toEqual(['stopped', 'stopped', 'stopped', 'stopped'])

  const states = await arena.run('select status, count(*) as number from deliveries group by status')
  expect(states.map((row) => [row['status'], Number(row['number'])])).toEqual([['Y', rows]])
  const twice = await arena.run('select delivery_id from delivered group by delivery_id having count(*) > 1')
  expect(twice, 'in the database each is delivered once').toEqual([])
  expect(await numberIn(arena, 'select count(*) as number from delivered')).toBe(rows)
  expect(await numberIn(arena, 'select sum(balance) as number from accounts'), 'the balance is the witness').toBe(rows)

  if (!kinds.includes('work')) return
  const keys = new Map<number, Set<string>>()
  for (const line of readFileSync(outside, 'utf8').trim().split('\n')) {
    const [id = '', key = ''] = line.split(' ')
    keys.set(Number(id), (keys.get(Number(id)) ?? new Set()).add(key))
  }
  expect(
    [...keys.keys()].sort((a, b) => a - b),
    'each was called for outside',
  ).toEqual(ids)
  expect(
    [...keys.values()].filter((used) => used.size !== 1),
    'with one key',
  ).toEqual([])
}

const CONTESTS = [
  { title: 'in the database, one by one and in batches', kinds: ['effect', 'batch'] },
  { title: 'outside, and then in the database', kinds: ['work'] },
] as const satisfies { readonly title: string; readonly kinds: readonly Contest['kind'][] }[]

const KILLED = 'four processes, killed at random: each is delivered once, and none forgotten'

for (const { name } of lanes) {
  describe(`deliveries on ${name}, which is killed, too`, () => {
    test.each(CONTESTS)(`${KILLED} ($title)`, { timeout: LIMIT_MS }, async ({ kinds }) => {
      const ddl = [...DDL.mysql, 'create table accounts (id int primary key, balance int not null) engine = InnoDB']
      const database = await ChaosDatabase.start(name as ChaosLane, true, ddl)
      onTestFinished(() => database.close())
      const crash = database.canCrash
        ? async (): Promise<void> => {
            const crashing = database.crash()
            if (crashing === false) throw new Error('The database cannot be killed.')
            await crashing
          }
        : null
      const arena = {
        family: 'mysql' as const,
        url: database.url,
        run: (sql: string) => database.persist(sql),
        crash,
        close: () => database.close(),
      }
      await contest(arena, kinds, rowsOf(2000))
    })
  })
}

describe('deliveries in a SQLite file', () => {
  test.each(CONTESTS)(`${KILLED} ($title)`, { timeout: LIMIT_MS }, async ({ kinds }) => {
    const shop = openSqliteShop()
    onTestFinished(() => shop.close())
    for (const statement of DDL.sqlite) shop.rows(statement)
    const arena = {
      family: 'sqlite' as const,
      url: shop.file,
      run: async (sql: string) => shop.rows(sql),
      crash: null,
      close: () => shop.close(),
    }
    await contest(arena, kinds, rowsOf(600))
  })
})
