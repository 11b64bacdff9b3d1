import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisQueue } from '../../src/queues/redis.ts'
import { redisUrl } from '../support/redis/redis-url.ts'
import { until } from '../support/until.ts'
import { CLIENTS } from './support/clients.ts'
import { idsOf, pagesOf } from './support/pages.ts'
import { QueueSetting } from './support/queue-setting.ts'

describe.each(CLIENTS)('by $name', (kind) => {
  let setting: QueueSetting
  beforeEach(async () => {
    setting = await QueueSetting.open(kind, redisUrl())
  })
  afterEach(() => setting.close())

  test('candidates come in the order they were put in, as many as are asked for', async () => {
    await setting.queue.push('cards', ['a', 'b', 'c'])
    await setting.queue.push('cards', ['d'])
    expect(await setting.queue.pop('cards', 3)).toEqual(['a', 'b', 'c'])
    expect(await setting.queue.pop('cards', 3)).toEqual(['d'])
    expect(await setting.queue.pop('cards', 3)).toEqual([])
  })

  test('a list that is not there gives none', async () => {
    expect(await setting.queue.pop('none', 1)).toEqual([])
    expect(await setting.queue.pop('none', 0)).toEqual([])
  })

  test('nothing is taken where none is asked for, and nothing put where there is none', async () => {
    await setting.queue.push('cards', [])
    expect(await setting.keys()).toEqual([])
    await setting.queue.push('cards', ['a'])
    expect(await setting.queue.pop('cards', 0)).toEqual([])
    expect(await setting.list('cards')).toEqual(['a'])
  })

  test('more are put at once than go with one command', async () => {
    const ids = idsOf(12_345)
    await setting.queue.push('cards', ids)
    expect(await setting.list('cards')).toEqual(ids)
    expect(await setting.queue.pop('cards', 20_000)).toEqual(ids)
  })

  test('no candidate is given to two that ask at once', async () => {
    const ids = idsOf(500)
    await setting.queue.push('cards', ids)
    const taken = await Promise.all(Array.from({ length: 100 }, () => setting.queue.pop('cards', 7)))
    expect(taken.flat().toSorted()).toEqual(ids.toSorted())
  })

  test('what replaces a list is all that is left, without an expiry', async () => {
    await setting.queue.push('cards', ['old', 'older'])
    const pages = [idsOf(3, 'small'), [], idsOf(9000, 'large'), ['last']]
    expect(await setting.queue.replace('cards', pagesOf(pages))).toBe(9004)
    expect(await setting.list('cards')).toEqual(pages.flat())
    expect(await setting.look.pttl(setting.key('cards'))).toBe(-1)
    expect(await setting.keys()).toEqual([setting.key('cards')])
  })

  test.each([{ pages: [] }, { pages: [[], []] }])('an empty table leaves no list: $pages', async ({ pages }) => {
    await setting.queue.push('cards', ['old'])
    expect(await setting.queue.replace('cards', pagesOf(pages))).toBe(0)
    expect(await setting.keys()).toEqual([])
    expect(await setting.queue.replace('cards', pagesOf(pages))).toBe(0)
  })

  test('a list that is being filled has an expiry from its first candidates on, and the old one stands', async () => {
    await setting.queue.push('cards', ['old'])
    await setting.queue.replace(
      'cards',
      pagesOf([['a'], ['b']], async () => {
        const [filling] = await setting.unfinished()
        expect(await setting.look.lrange(filling!, 0, -1)).toEqual(['a'])
        expect(await setting.look.pttl(filling!)).toBeGreaterThan(590_000)
        expect(await setting.look.pttl(filling!)).toBeLessThanOrEqual(600_000)
        expect(await setting.list('cards')).toEqual(['old'])
      }),
    )
    expect(await setting.list('cards')).toEqual(['a', 'b'])
  })

  test('each page gives the list that is being filled its whole time again', async () => {
    const left: number[] = []
    await setting.queue.replace(
      'cards',
      pagesOf([['a'], ['b'], ['c']], async () => {
        const [filling] = await setting.unfinished()
        left.push(await setting.look.pttl(filling!))
        await setting.look.pexpire(filling!, 60_000)
      }),
    )
    expect(left).toEqual([expect.closeTo(600_000, -4), expect.closeTo(600_000, -4)])
    expect(await setting.look.pttl(setting.key('cards'))).toBe(-1)
  })

  test('a page that cannot be read leaves the old list, and nothing else', async () => {
    await setting.queue.push('cards', ['old'])
    const broken = pagesOf([['a'], ['b']], () => Promise.reject(new Error('the table is gone')))
    await expect(setting.queue.replace('cards', broken)).rejects.toThrow('the table is gone')
    await until(async () => (await setting.unfinished()).length === 0, 'what was filled is gone')
    expect(await setting.list('cards')).toEqual(['old'])
  })

  test.each([
    { what: 'before the last page', pages: [['a'], ['b']] },
    { what: 'before an empty last page', pages: [['a'], []] },
  ])('a list that is lost while it is filled is not put in place: $what', async ({ pages }) => {
    await setting.queue.push('cards', ['old'])
    const lost = pagesOf(pages, async () => setting.look.unlink((await setting.unfinished())[0]!))
    await expect(setting.queue.replace('cards', lost)).rejects.toThrow('instead of')
    await until(async () => (await setting.unfinished()).length === 0, 'what was filled is gone')
    expect(await setting.list('cards')).toEqual(['old'])
  })

  test('of two that replace one list at once, one list is left whole', async () => {
    const [first, second] = [idsOf(3000, 'first'), idsOf(2000, 'second')]
    await Promise.all([
      setting.queue.replace('cards', pagesOf([first.slice(0, 1500), first.slice(1500)])),
      setting.queue.replace('cards', pagesOf([second.slice(0, 500), second.slice(500)])),
    ])
    expect([first, second]).toContainEqual(await setting.list('cards'))
    expect(await setting.keys()).toHaveLength(1)
  })

  test('ids are given back as they are', async () => {
    const ids = [
      '',
      ' ',
      '{}',
      '}{',
      '%7B',
      'Ünïcödé 卡号 🂡',
      'a\r\n$3\r\nb',
      '\u0000',
      '007',
      '1e3',
      'x'.repeat(70_000),
    ]
    await setting.queue.push('cards', ids)
    expect(await setting.queue.pop('cards', 100)).toEqual(ids)
    expect(await setting.queue.replace('cards', pagesOf([ids]))).toBe(ids.length)
    expect(await setting.queue.pop('cards', 100)).toEqual(ids)
  })

  test('every list is one of its own, whatever its name', async () => {
    const names = [
      '',
      '%',
      '%25',
      '{',
      '}',
      '{}',
      '{a}',
      'a',
      '%7Ba%7D',
      'a}b{c',
      'cards "2026"',
      '卡 🂡',
      'a\u0000b',
      'a ',
      '*',
    ]
    for (const name of names) await setting.queue.replace(name, pagesOf([[`of ${name}`], ['second']]))
    for (const name of names) expect(await setting.queue.pop(name, 9)).toEqual([`of ${name}`, 'second'])
    expect(await setting.keys()).toEqual([])
  })

  test('two prefixes are two queues', async () => {
    const other = redisQueue(setting.client, { prefix: `${setting.prefix}-other` })
    await setting.queue.push('cards', ['ours'])
    await other.push('cards', ['theirs'])
    expect(await other.replace('cards', pagesOf([]))).toBe(0)
    expect(await setting.queue.pop('cards', 9)).toEqual(['ours'])
  })

  test('what is no list is refused and left alone', async () => {
    await setting.look.set(setting.key('cards'), 'a text')
    const wrongType = /WRONGTYPE/
    await expect(setting.queue.pop('cards', 1)).rejects.toThrow(wrongType)
    await expect(setting.queue.push('cards', ['a'])).rejects.toThrow(wrongType)
    await expect(setting.queue.replace('cards', pagesOf([['a']]))).rejects.toThrow(wrongType)
    await expect(setting.queue.replace('cards', pagesOf([]))).rejects.toThrow(wrongType)
    await until(async () => (await setting.unfinished()).length === 0, 'what was filled is gone')
    expect(await setting.look.get(setting.key('cards'))).toBe('a text')
  })
})
