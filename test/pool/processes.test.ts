import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import type { PickStrategy } from '../../src/pool/pool-config.ts'
import { redisQueue } from '../../src/queues/redis.ts'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes } from '../support/lanes.ts'
import { startRedis } from '../support/redis/start-redis.ts'
import type { PrivateServer } from '../support/servers/private-server.ts'
import { cardsOn, createCards, givenCards, newCampaign } from './cards.ts'
import type { Contest, Told } from './worker/contest.ts'

const WORKER = fileURLToPath(new URL('./worker/main.ts', import.meta.url))

interface Size {
  readonly owners: number
  readonly cards: number
  readonly atOnce: number
}

/** CLAIM_ONCE_POOL_OWNERS=10000 for the long run; there are nine cards for ten owners. */
function sizeOf(owners: number, atOnce: number): Size {
  const wanted = Number(process.env['CLAIM_ONCE_POOL_OWNERS'] ?? owners)
  return { owners: wanted, cards: wanted * 0.9, atOnce }
}

type Answer = Exclude<Told, 'done'>

/** One process. With `killAfter` answers it is killed as it stands, and another one does its work again. */
async function run(contest: Contest, killAfter: number, answered: () => void): Promise<Answer[]> {
  const worker = fork(WORKER, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const answers: Answer[] = []
  worker.on('message', (message) => {
    const told = message as Told
    if (told === 'done') worker.disconnect()
    else {
      answered()
      if (answers.push(told) === killAfter) worker.kill('SIGKILL')
    }
  })
  worker.send(contest)
  await once(worker, 'exit')
  return worker.signalCode === 'SIGKILL' ? [...answers, ...(await run(contest, Infinity, answered))] : answers
}

/** Four processes; each owner asks three times in two of them. Where there is a Redis, it is killed in the middle. */
async function contest({ subject, database, redis }: Opened, strategy: PickStrategy, size: Size): Promise<void> {
  const campaign = await newCampaign(subject, size.cards)
  const outage = strategy === 'queue' ? await fillAndKill(subject, redis, campaign, size) : null
  const owners = Array.from({ length: size.owners }, (_, index) => `owner ${index}`)
  const halves = [owners.filter((_, index) => index % 2 === 0), owners.filter((_, index) => index % 2 === 1)]
  const answers = await Promise.all(
    [0, 1, 2, 3].map((number) => {
      const own = [...(halves[number % 2] ?? [])]
      const shuffled = number < 2 ? own : own.reverse()
      const killAfter = number === 1 || number === 2 ? Math.floor(size.owners / 4) : Infinity
      const work: Contest = { database, campaign, owners: shuffled, strategy, atOnce: size.atOnce, redis: redis.url }
      return run(work, killAfter, () => outage?.answered())
    }),
  )
  if (outage !== null) expect(await outage.queuedAgain).toBeGreaterThan(0)
  const all = answers.flat()
  const given = await givenCards(subject, campaign)
  const cardOf = new Map(given.map(({ owner, number }) => [owner, number]))
  expect(given).toHaveLength(size.cards)
  expect(cardOf.size, 'nobody has two').toBe(size.cards)
  expect(new Set(given.map(({ number }) => number)).size, 'no card has two owners').toBe(size.cards)
  expect(given.every(({ slot }) => slot === 1)).toBe(true)

  expect([...new Set(all.map(({ outcome }) => outcome))].sort()).toEqual(['claimed', 'duplicate', 'exhausted'])
  const wrong = all.filter(({ owner, outcome, cards }) => {
    const own = cardOf.get(owner)
    // An owner who was told that there are none has none; whoever was told of a card has that one.
    return outcome === 'exhausted' ? own !== undefined : own === undefined || cards.length !== 1 || cards[0] !== own
  })
  expect(wrong).toEqual([])
  const told = new Set(all.filter(({ outcome }) => outcome === 'exhausted').map(({ owner }) => owner))
  expect(told.size).toBe(size.owners - size.cards)
  const claims = new Map<string, number>()
  for (const { owner, outcome } of all) if (outcome === 'claimed') claims.set(owner, (claims.get(owner) ?? 0) + 1)
  expect(
    [...claims.values()].every((times) => times === 1),
    'a card is given once',
  ).toBe(true)
}

interface Opened {
  readonly subject: Subject
  readonly database: string
  readonly redis: PrivateServer
}

/**
 * Every card is queued. When a quarter of the answers are there Redis is killed, and comes back with nothing; a little later
 * it is refilled, while everybody draws.
 */
async function fillAndKill(subject: Subject, redis: PrivateServer, scope: string, { owners }: Size) {
  const client = createClient({ url: redis.url, socket: { reconnectStrategy: 20 } })
  client.on('error', () => {})
  await client.connect()
  const cards = cardsOn(subject, { strategy: 'queue', queue: redisQueue(client) })
  await cards.refill({ scope })
  const again = Promise.withResolvers<number>()
  let answers = 0
  const killAndRefill = async (): Promise<number> => {
    await redis.crash()
    const { queued } = await cards.refill({ scope })
    client.destroy()
    return queued
  }
  return {
    queuedAgain: again.promise,
    answered(): void {
      answers += 1
      if (answers === owners) killAndRefill().then(again.resolve, again.reject)
    },
  }
}

function processes(name: string, open: () => Promise<Omit<Opened, 'redis'>>, size: Size): void {
  describe(name, () => {
    let opened: Opened
    beforeAll(async () => {
      opened = { ...(await open()), redis: await startRedis() }
      await createCards(opened.subject)
    }, 60_000)
    afterAll(async () => {
      await opened.subject.close()
      await opened.redis.stop()
    })
    test.each(PICK_STRATEGIES)(
      'four processes, two of them killed: a card for nine of ten owners, each his own (%s)',
      { timeout: 600_000 },
      (strategy) => contest(opened, strategy, size),
    )
  })
}

for (const { name, url } of lanes) {
  const open = async (): Promise<Omit<Opened, 'redis'>> => {
    const subject = await mysqlSubject('mysql2/promise', url)
    return { subject, database: (subject.shop as unknown as { url: string }).url }
  }
  processes(`cards on ${name}`, open, sizeOf(1000, 64))
}
processes(
  'cards in a SQLite file',
  async () => {
    const subject = await sqliteSubject('better-sqlite3, own connection')
    return { subject, database: (subject.shop as unknown as { file: string }).file }
  },
  sizeOf(300, 32),
)
