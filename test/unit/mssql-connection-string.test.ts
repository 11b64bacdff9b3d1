import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { parseMssqlConnection } from '../../src/adapters/mssql-connection-string.ts'

const read = (text: string): object => {
  const { config, pool } = parseMssqlConnection(text)
  return { server: config.server, ...(config.authentication?.options as object), ...config.options, pool }
}

const SHOP = { server: 'db.shop', userName: 'till', password: 'p@ss;w:rd', database: 'orders', port: 1444 }

test.each([
  'mssql://till:p%40ss%3Bw%3Ard@db.shop:1444/orders',
  'sqlserver://till:p%40ss%3Bw%3Ard@db.shop:1444/orders',
  'Server=db.shop,1444;Database=orders;User Id=till;Password="p@ss;w:rd"',
  "Data Source=tcp:db.shop, 1444;Initial Catalog=orders;UID=till;PWD='p@ss;w:rd'",
])('%s', (text) => {
  expect(read(text)).toEqual({ ...SHOP, encrypt: true, trustServerCertificate: false, pool: { min: 0, max: 10 } })
})

test('every setting that is known', () => {
  const settings = {
    encrypt: false,
    trustServerCertificate: true,
    connectTimeout: 5000,
    appName: 'till 3',
    multiSubnetFailover: true,
    packetSize: 8192,
    workstationId: 'here',
    pool: { min: 1, max: 40 },
  }
  const ado =
    'Server=h;Encrypt=false;TrustServerCertificate=yes;Connect Timeout=5;Application Name=till 3;ApplicationIntent=ReadWrite;' +
    'MultiSubnetFailover=True;Packet Size=8192;Workstation ID=here;Max Pool Size=40;Min Pool Size=1'
  const url =
    'mssql://h?encrypt=0&trust_server_certificate=true&connectionTimeout=5&applicationName=till+3&applicationIntent=ReadWrite' +
    '&multiSubnetFailover=1&packetSize=8192&workstationId=here&maxPoolSize=40&minPoolSize=1'
  for (const text of [ado, url]) expect(read(text)).toEqual({ server: 'h', port: 1433, ...settings })
})

test('strict encryption stays strict, and an address of IPv6 is one', () => {
  expect(read('Server=h;Encrypt=Strict')).toMatchObject({ encrypt: 'strict' })
  expect(read('mssql://[::1]:1444/shop')).toMatchObject({ server: '::1', port: 1444 })
})

test('what the Azure portal shows', () => {
  const text =
    'Server=tcp:shop.example,1433;Initial Catalog=orders;Persist Security Info=False;User ID=till;Password=p;' +
    'MultipleActiveResultSets=False;Encrypt=True;TrustServerCertificate=False;Connection Timeout=30;'
  expect(read(text)).toMatchObject({
    server: 'shop.example',
    port: 1433,
    database: 'orders',
    connectTimeout: 30_000,
    encrypt: true,
  })
})

test('an instance is asked for its port, unless one is given', () => {
  expect(read('Server=h\\SQLEXPRESS')).toMatchObject({ server: 'h', instanceName: 'SQLEXPRESS' })
  expect(read('Server=h\\SQLEXPRESS')).not.toHaveProperty('port')
  expect(read('Server=h\\SQLEXPRESS,1444')).toMatchObject({ server: 'h', port: 1444 })
  expect(read('Server=(local)')).toMatchObject({ server: 'localhost', port: 1433 })
})

test.each([
  ['mssql://', /names no server|cannot be read/],
  ['mssql:// a b', /cannot be read/],
  ['Database=orders', /names no server/],
  ['mssql://h/orders?colour=red', /"colour".*not known/],
  ['Server=h;Colour=red', /not known|cannot be read/],
  ['Server=h;Integrated Security=true', /integrated security/],
  ['mssql://h?applicationIntent=ReadOnly', /primary/],
  ['mssql://a%zz@h', /no escape/],
  ['mssql://h?encrypt=perhaps', /encrypt=perhaps/],
  ['mssql://h?maxPoolSize=many', /max pool size=many/],
  ['mssql://h?connectTimeout=-1', /connection timeout=-1/],
])('%s is refused', (text, reason) => {
  expect(() => parseMssqlConnection(text)).toThrow(reason)
  expect(() => parseMssqlConnection(text)).toThrow(expect.objectContaining({ code: 'CLAIM_CONFIG' }))
})

test('the password is in no message', () => {
  expect(() => parseMssqlConnection('mssql://till:geheim@h?colour=red')).not.toThrow(/geheim/)
  for (const text of ['mssql://till:geheim#x@h', 'mssql://till:geheim@h:port', 'Server=h;Password="geheim']) {
    try {
      parseMssqlConnection(text)
    } catch (error) {
      expect(inspect(error, { depth: 5 }).replaceAll(text, '')).not.toContain('geheim')
    }
  }
})
