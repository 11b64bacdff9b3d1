import { describe, expect, test } from 'vitest'
import type { CheckedConfig } from '../../src/config.ts'
import { decodePending, encodePending } from '../../src/pending.ts'
import type { Pending } from '../../src/pending.ts'

const config = { table: 'orders' } as CheckedConfig
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const good = { version: 1, table: 'orders', orderId: 17, token: 'a token', hasWork: false }

describe('what resolves a claim', () => {
  test('is read as it was written, with what JSON does not have', () => {
    const pending: Pending = {
      orderId: { merchant: 2n ** 60n, number: new Uint8Array([0, 255]) },
      token: 'a token',
      hasWork: true,
      expect: { amount: '42.00', note: null },
      paymentId: 12345678901234567890n,
      set: { paid_at: new Date(1_700_000_000_000), raw: Buffer.from('通') },
    }
    const { orderId, ...read } = decodePending(encodePending(pending, config), config)
    expect(orderId).toEqual({ merchant: 2n ** 60n, number: Buffer.from([0, 255]) })
    expect(read).toEqual({
      token: 'a token',
      hasWork: true,
      expect: { amount: '42.00', note: null },
      paymentId: 12345678901234567890n,
      set: { paid_at: new Date(1_700_000_000_000), raw: Buffer.from('通') },
    })
  })

  test('is read where it is all there', () => {
    expect(decodePending(encoded(good), config)).toEqual({ orderId: 17, token: 'a token', hasWork: false })
    expect(decodePending(encoded({ ...good, token: null }), config)).toMatchObject({ token: null })
  })

  test.each<[string, unknown]>([
    ['no string', 17],
    ['nothing', undefined],
    ['an empty text', ''],
    ['no JSON', 'not of ours'],
    ['cut off', encodePending({ orderId: 17, token: 'a token', hasWork: false }, config).slice(0, -9)],
    ['no object', encoded('orders')],
    ['null', encoded(null)],
    ['of another version', encoded({ ...good, version: 2 })],
    ['of another table', encoded({ ...good, table: 'cards' })],
    ['a bigint that is none', encoded({ ...good, orderId: { '\u0000': 'bigint', value: 'abc' } })],
    ['a number for a token', encoded({ ...good, token: 5 })],
    ['an object for a token', encoded({ ...good, token: { a: 1 } })],
    ['bytes for a token', encoded({ ...good, token: { '\u0000': 'Buffer', value: 'AAAA' } })],
    ['without a token', encoded({ version: 1, table: 'orders', orderId: 17, hasWork: false })],
    ['without a word of its work', encoded({ version: 1, table: 'orders', orderId: 17, token: 'a token' })],
    ['a text for its work', encoded({ ...good, hasWork: 'yes' })],
  ])('is refused before any SQL where it is %s', (_what, text) => {
    expect(() => decodePending(text, config)).toThrow(expect.objectContaining({ code: 'CLAIM_INPUT', reply: 'review' }))
  })
})
