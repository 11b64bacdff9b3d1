import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisQueue } from '../../src/queues/redis.ts'
import type { CandidateQueue } from '../../src/queues/redis.ts'
import type { PrivateServer } from '../support/servers/private-server.ts'
import { startRedis } from '../support/redis/start-redis.ts'
import { until } from '../support/until.ts'
import { CLIENTS, IMPATIENT_CLIENTS, PATIENT_CLIENTS } from './support/clients.ts'
import type { ClientKind } from './support/clients.ts'
import { idsOf, pagesOf } from './support/pages.ts'
import { QueueSetting } from './support/queue-setting.ts'

const EVERY_WRITE_KEPT = { appendonly: 'yes', appendfsync: 'always' }

let server: PrivateServer
let setting: QueueSetting

const open = async (kind: ClientKind, settings?: Readonly<Record<string, string>>): Promise<CandidateQueue> => {
  server = await startRedis(settings)
  setting = await QueueSetting.open(kind, server.url)
  return setting.queue
}
afterEach(async () => {
  await setting.close()
  await server.stop()
})

/** The first commands after an outage may still fail, until the client has noticed that it is over. */
const whenBack = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
  let answer: { readonly value: Value } | undefined
  await until(async () => {
    answer = await ask().then(
      (value) => ({ value }),
      () => undefined,
    )
    return answer !== undefined
  }, 'the client is connected again')
  return answer!.value
}

describe.each(CLIENTS)('by $name', (kind) => {
  test.each(['crash', 'restart'] as const)('a server that keeps nothing has an empty list after a %s', async (how) => {
    const queue = await open(kind)
    await queue.push('cards', ['a', 'b'])
    await server[how]()
    expect(await whenBack(() => queue.pop('cards', 1))).toEqual([])
    expect(await queue.replace('cards', pagesOf([['c'], ['d']]))).toBe(2)
    expect(await queue.pop('cards', 9)).toEqual(['c', 'd'])
  })

  test('a server that keeps every write has the list after a crash', async () => {
    const queue = await open(kind, EVERY_WRITE_KEPT)
    await queue.push('cards', ['a', 'b', 'c'])
    expect(await queue.pop('cards', 1)).toEqual(['a'])
    await server.crash()
    expect(await whenBack(() => queue.pop('cards', 9))).toEqual(['b', 'c'])
  })

  test('of a list that was being filled when a server crashed that keeps nothing, nothing is put in place', async () => {
    const queue = await open(kind)
    await queue.push('cards', ['old'])
    const pages = pagesOf([['a'], ['b'], ['c']], async (index) => {
      if (index !== 1) return
      await server.crash()
      await whenBack(() => queue.pop('none', 1))
    })
    await expect(queue.replace('cards', pages)).rejects.toThrow('instead of 2')
    await until(async () => (await setting.keys()).length === 0, 'what was filled is gone')
  })

  test('a list that was being filled when a server crashed that keeps every write is filled to its end', async () => {
    const queue = await open(kind, EVERY_WRITE_KEPT)
    await queue.push('cards', ['old'])
    const pages = pagesOf([idsOf(1500), ['b'], ['c']], async (index) => {
      if (index !== 1) return
      await server.crash()
      await whenBack(() => queue.pop('none', 1))
      const [filling] = await setting.unfinished()
      expect(await setting.look.pttl(filling!)).toBeGreaterThan(1)
    })
    expect(await queue.replace('cards', pages)).toBe(1502)
    expect(await setting.list('cards')).toEqual([...idsOf(1500), 'b', 'c'])
    expect(await setting.keys()).toHaveLength(1)
    // What is kept is the whole of it too: the rename without the expiry.
    await server.crash()
    expect(await whenBack(() => queue.pop('cards', 9999))).toHaveLength(1502)
  })

  test('a process that ends while it fills leaves the old list, and something that goes by itself', async () => {
    const queue = await open(kind, EVERY_WRITE_KEPT)
    await queue.push('cards', ['old'])
    // It never asks for the rest: what a killed process does.
    const firstPage = Promise.withResolvers<undefined>()
    const hangs = pagesOf([['a'], ['b']], () => {
      firstPage.resolve(undefined)
      return new Promise(() => undefined)
    })
    void queue.replace('cards', hangs)
    await firstPage.promise
    await server.crash()
    await whenBack(() => queue.pop('none', 1))
    const [filling] = await setting.unfinished()
    expect(await setting.look.pttl(filling!)).toBeGreaterThan(1)
    await setting.look.pexpire(filling!, 1)
    await until(async () => (await setting.unfinished()).length === 0, 'it has expired')
    expect(await setting.list('cards')).toEqual(['old'])
  })
})

describe.each(IMPATIENT_CLIENTS)('by $name', (kind) => {
  test('everything is refused at once while the server is down, and works again when it is back', async () => {
    const queue = await open(kind)
    await queue.push('cards', ['a'])
    await server.takeDown()
    const begun = performance.now()
    await expect(queue.pop('cards', 1)).rejects.toThrow()
    await expect(queue.push('cards', ['b'])).rejects.toThrow()
    await expect(queue.replace('cards', pagesOf([['c']]))).rejects.toThrow()
    await expect(queue.replace('cards', pagesOf([]))).rejects.toThrow()
    expect(performance.now() - begun).toBeLessThan(2000)
    await server.bringUp()
    expect(await whenBack(() => queue.pop('cards', 1))).toEqual([])
    await queue.push('cards', ['d'])
    expect(await queue.pop('cards', 9)).toEqual(['d'])
  })

  test('a server that goes down while a list is filled ends the refill', async () => {
    const queue = await open(kind)
    const asked: number[] = []
    const pages = pagesOf([['a'], ['b'], ['c']], async (index) => {
      asked.push(index)
      if (index === 1) await server.takeDown()
    })
    await expect(queue.replace('cards', pages)).rejects.toThrow()
    expect(asked).toEqual([1])
    await server.bringUp()
  })
})

describe.each(PATIENT_CLIENTS)('by $name', (kind) => {
  test('what was asked for while the server was down is answered when it is back', async () => {
    const queue = await open(kind, EVERY_WRITE_KEPT)
    await queue.push('cards', ['a', 'b', 'c'])
    await server.takeDown()
    const late = queue.pop('cards', 2)
    late.catch(() => undefined)
    await server.bringUp()
    const ids = await late.catch(() => [])
    // The caller has long given up: it puts back what comes too late, and nothing is lost.
    await whenBack(() => queue.push('cards', ids))
    expect((await whenBack(() => queue.pop('cards', 9))).toSorted()).toEqual(['a', 'b', 'c'])
  })
})

describe('by an account of its own', () => {
  beforeEach(async () => {
    server = await startRedis()
  })

  test.each(CLIENTS)('the commands that are named in the documentation are enough: $name', async (kind) => {
    const user = `queue-${randomUUID()}`
    const url = new URL(server.url)
    setting = await QueueSetting.open(CLIENTS[0]!, server.url)
    const commands = ['lpop', 'rpush', 'unlink', 'eval', 'llen', 'pexpire', 'rename', 'persist'].map(
      (name) => `+${name}`,
    )
    // What the clients themselves send when they connect.
    const connecting = ['+@connection', '+info']
    const rights = [...commands, ...connecting, `~${kind.keyPrefix}lottery:*`]
    await setting.look.call('ACL', ['SETUSER', user, 'on', '>secret', 'resetchannels', '-@all', ...rights])
    url.username = user
    url.password = 'secret'
    const { client, close } = await kind.open(url.href)
    try {
      const queue = redisQueue(client, { prefix: 'lottery' })
      expect(await queue.replace('cards', pagesOf([['a'], ['b']]))).toBe(2)
      await queue.push('cards', ['c'])
      expect(await queue.pop('cards', 9)).toEqual(['a', 'b', 'c'])
      expect(await queue.replace('cards', pagesOf([]))).toBe(0)
      const refused = pagesOf([['a'], ['b']], () => Promise.reject(new Error('no table')))
      await expect(queue.replace('cards', refused)).rejects.toThrow('no table')
      await until(async () => (await setting.look.dbsize()) === 0, 'what was filled is gone')
    } finally {
      close()
    }
  })
})
