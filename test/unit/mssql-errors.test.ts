import { expect, test } from 'vitest'
import { classifyMssql, classifyMssqlCommit, endsMssqlTransaction } from '../../src/dialects/mssql-errors.ts'

const numbered = (number: number, more: object = {}): Error =>
  Object.assign(new Error(`number ${number}`), { number, ...more })
const coded = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code, ...more })

test.each([
  ['one error', numbered(1205), 'conflict'],
  ['kysely: an array of errors', [numbered(3621), numbered(1205)], 'conflict'],
  ['tedious: an AggregateError', new AggregateError([numbered(3621), numbered(2627)]), 'rejected'],
  ['mssql: the last, with those before it', numbered(3621, { precedingErrors: [numbered(547)] }), 'rejected'],
  ['mssql: around tedious', coded('EREQUEST', { originalError: numbered(1222) }), 'held'],
  ['the worst of several', [numbered(2627), coded('ESOCKET')], 'lost'],
  ['a cause', coded('X', { cause: coded('ECONNRESET') }), 'lost'],
  ['a cause of itself', circular(), 'lost'],
  ['tarn: no connection in time', Object.assign(new Error('operation timed out'), { name: 'TimeoutError' }), 'away'],
  ['tarn: given up', new Error('aborted'), 'away'],
  ['tedious: nothing was sent', coded('EINVALIDSTATE'), 'away'],
  ['a refused login', Object.assign(new Error("Login failed for user 'till'."), { code: 'ELOGIN' }), 'misuse'],
  ['a login that may be tried again', coded('ELOGIN'), 'away'],
  ['raiserror', numbered(50_000), 'rejected'],
  ['an error nobody knows', numbered(7), 'other'],
  ['neither the server’s nor a known one', coded('EPROTO'), 'lost'],
  ['a socket that was open, and fails', coded('EHOSTUNREACH'), 'lost'],
  ['refused by the driver', coded('EPARAM'), 'other'],
  ['no error at all', 'oops', 'lost'],
  ['null', null, 'lost'],
] as const)('%s', (_what, error, expected) => {
  expect(classifyMssql(error)).toBe(expected)
})

function circular(): Error {
  const error = new Error('round and round')
  error.cause = error
  return error
}

test.each([
  [numbered(1205), 'conflict'],
  [coded('EINVALIDSTATE'), 'away'],
  [numbered(3902), 'lost'],
  [numbered(547), 'lost'],
  [coded('ETIMEOUT'), 'lost'],
  [coded('EREQINPROG'), 'other'],
  [coded('EPROTO'), 'lost'],
])('COMMIT answered by %s', (error, expected) => {
  expect(classifyMssqlCommit(error)).toBe(expected)
})

test('what ends a transaction', () => {
  expect([1205, 3960, 1222, 2627].map((number) => endsMssqlTransaction(numbered(number)))).toEqual([
    true,
    true,
    false,
    false,
  ])
})
