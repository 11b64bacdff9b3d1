import type { TestConfig } from './ways.ts'

export const COLUMNS = { id: 'id', status: 'status' }
export const STATES = { waiting: 'Wait', claimed: 'Y' }

/** Tables that claims cannot live in, each with the message that says why. */
export const UNFIT: [title: string, ddl: string, config: Partial<TestConfig>, message: RegExp][] = [
  ['no such table', 'select 1', { table: 'pay_orders' }, /no table "pay_orders"/],
  ['no such schema', 'select 1', { table: 'nowhere.orders' }, /"nowhere.orders" cannot be described.*nowhere/],
  [
    'a column that is missing',
    'create table t (id integer primary key, status text)',
    { table: 't', columns: { ...COLUMNS, token: 'claim_token' } },
    /no column "claim_token".*columns.token.*It has: id, status/,
  ],
  ['a view', 'create view t as select order_id as id, status from orders', { table: 't' }, /"t" is a view/],
  ['no unique key', 'create table t (id integer, status text)', { table: 't' }, /no unique key/],
  [
    'a partial unique index',
    "create table t (id integer, status text); create unique index i on t (id) where status <> 'Old'",
    { table: 't' },
    /no unique key/,
  ],
  [
    'a unique index over an expression',
    'create table t (id text, status text); create unique index i on t (lower(id))',
    { table: 't' },
    /no unique key/,
  ],
  [
    'a unique index over the id and an expression',
    'create table t (id text, status text, shop text); create unique index i on t (id, lower(shop))',
    { table: 't' },
    /no unique key/,
  ],
  [
    'an index that is not unique',
    'create table t (id text, status text); create index i on t (id)',
    { table: 't' },
    /no unique key/,
  ],
  [
    'a part of a composite key',
    'create table t (id integer, shop integer, status text, primary key (shop, id))',
    { table: 't' },
    /no unique key/,
  ],
  ['a real id', 'create table t (id real primary key, status text)', { table: 't' }, /columns.id is "id" of type real/],
  [
    'a numeric id, which may be kept as a float',
    'create table t (id numeric primary key, status text)',
    { table: 't' },
    /columns.id is "id" of type numeric/,
  ],
  [
    'a status without a type',
    'create table t (id integer primary key, status)',
    { table: 't' },
    /columns.status is "status"/,
  ],
  [
    'text states in an integer column',
    'create table t (id integer primary key, status integer)',
    { table: 't' },
    /holds integers: write the state as a number/,
  ],
  [
    'number states in a text column',
    'create table t (id integer primary key, status text)',
    { table: 't', states: { waiting: 0, claimed: 1 } },
    /holds text: write the state as a string/,
  ],
  [
    'a version in a text column',
    'create table t (id integer primary key, status text, v text)',
    { table: 't', columns: { ...COLUMNS, version: 'v' } },
    /columns.version is "v" of type text/,
  ],
  [
    'a time in a blob',
    'create table t (id integer primary key, status text, at blob)',
    { table: 't', columns: { ...COLUMNS, claimedAt: 'at' } },
    /columns.claimedAt is "at" of type blob/,
  ],
  [
    'a token in an integer column',
    'create table t (id integer primary key, status text, token integer)',
    { table: 't', columns: { ...COLUMNS, token: 'token' } },
    /columns.token is "token" of type integer/,
  ],
]
/** Tables that they can; with an order's id, and its row. */
export const FIT: [title: string, ddl: string, config: Partial<TestConfig>, id: unknown, row: string][] = [
  ['WITHOUT ROWID', 'create table t (id text primary key, status text) without rowid', {}, 'A-1', "('A-1', 'Wait')"],
  ['STRICT', 'create table t (id int primary key, status text not null) strict', {}, 7, "(7, 'Wait')"],
  ['a unique column', 'create table t (id varchar(20) unique, status text)', {}, 'A-1', "('A-1', 'Wait')"],
  [
    'a unique index beside a partial and an expression one',
    `create table t (id text, status text); create unique index a on t (id) where 0;
       create unique index b on t (lower(id)); create unique index c on t (id)`,
    {},
    'A-1',
    "('A-1', 'Wait')",
  ],
  [
    'a composite key, named in another order',
    'create table t (shop integer, no text, status text, primary key (shop, no))',
    { columns: { id: ['no', 'shop'], status: 'status' } },
    { shop: 3, no: 'x' },
    "(3, 'x', 'Wait')",
  ],
  [
    'reserved words and odd names',
    'create table "order" ("group" integer primary key, "sel""ect" text, "a b" text)',
    { table: 'order', columns: { id: 'group', status: 'sel"ect', token: 'a b' } },
    1,
    "(1, 'Wait', null)",
  ],
  [
    'names in other letters',
    'create table Bestellungen (Id integer primary key, Status text)',
    { table: 'bestellungen' },
    1,
    "(1, 'Wait')",
  ],
  [
    'an integer status',
    'create table t (id integer primary key, status integer)',
    { states: { waiting: 0, claimed: 1, afterClaimed: [2] } },
    1,
    '(1, 0)',
  ],
  [
    'a token in blob(16)',
    'create table t (id integer primary key, status text, token blob(16))',
    { columns: { ...COLUMNS, token: 'token' } },
    1,
    "(1, 'Wait', null)",
  ],
  [
    'a token in binary(16)',
    'create table t (id integer primary key, status text, token binary(16))',
    { columns: { ...COLUMNS, token: 'token' } },
    1,
    "(1, 'Wait', null)",
  ],
  [
    'blob(16) ids',
    'create table t (id blob(16) primary key, status text)',
    {},
    '00112233-4455-6677-8899-AABBCCDDEEFF',
    "(x'00112233445566778899aabbccddeeff', 'Wait')",
  ],
  [
    'blob(16) ids from bytes',
    'create table t (id blob(16) primary key, status text)',
    {},
    Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
    "(x'00112233445566778899aabbccddeeff', 'Wait')",
  ],
  [
    'uuid ids',
    'create table t (id uuid primary key, status text)',
    {},
    '00112233-4455-6677-8899-AABBCCDDEEFF',
    "('00112233-4455-6677-8899-aabbccddeeff', 'Wait')",
  ],
]
