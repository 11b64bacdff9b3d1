import { describe, expect, test } from 'vitest'
import { whetherRunning } from '../../src/adapters/mysql-kill.ts'

describe('the question whether a thread runs what was sent', () => {
  test('is of the text up to its first parameter', () => {
    expect(whetherRunning(7, 'update `orders`\nset `status` = ?\nwhere `order_id` = ?')?.parameters).toEqual([
      'update `orders`\nset `status` = ',
    ])
  })

  test('is of the whole text, without the blanks around, where there is no parameter', () => {
    expect(whetherRunning(7, '\n  update accounts set balance = 0\n ')).toEqual({
      sql: 'select 1 as running from information_schema.processlist where id = 7 and left(info, 31) = ?',
      parameters: ['update accounts set balance = 0'],
    })
  })

  test('is asked of a short statement of an effect, and of one with a bound of its own', () => {
    expect(whetherRunning(7, 'select sleep(60)')?.parameters).toEqual(['select sleep(60)'])
    const bounded = 'set statement innodb_lock_wait_timeout = 1 for\nupdate `orders`'
    expect(whetherRunning(7, bounded)?.parameters).toEqual([bounded])
  })

  test.each([
    '',
    'commit',
    'begin',
    'start transaction',
    'rollback',
    'set session innodb_lock_wait_timeout = 1',
    'select ? from orders where order_id = 17',
  ])('is not asked of a text that many sessions send: "%s"', (text) => {
    expect(whetherRunning(7, text)).toBeNull()
  })
})
