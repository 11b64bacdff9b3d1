import { kysely } from 'claim-once/kysely'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { WIN_TABLES } from './later/create-win-tables.ts'
import { PRIZE_CARDS, PRIZE_WINNERS } from './prize-tables.ts'
import type { PrizeTables } from './prize-tables.ts'

/** Creates what is missing. */
export async function createPrizeTables<DB extends PrizeTables>(db: Kysely<DB>): Promise<void> {
  const { name } = kysely(db).dialect
  for (const create of [...STATEMENTS[name], ...WIN_TABLES[name]]) await create.execute(db)
}

const cards = sql.table(PRIZE_CARDS)
const winners = sql.table(PRIZE_WINNERS)

/**
 * In each database the same: one index makes an owner's card his only one (`owners`), one serves the pick (`free`), one
 * finds the reservations that are over (`reserved`). A number stands in the table once (`card_number`), and a card has
 * one winner (`card_id`): a second line of defence, which the pool does not need.
 */
const STATEMENTS = {
  sqlite: [
    sql`
create table if not exists ${cards} (
  card_id integer not null primary key autoincrement,
  campaign varchar(20) not null,
  card_number varchar(40) not null unique,
  status varchar(10) not null default 'Free',
  owner varchar(40),
  slot integer,
  draw_token char(36),
  reserved_until text,
  taken_at text
)`,
    sql`create unique index if not exists claim_once_example_owners on ${cards} (campaign, owner, slot)`,
    sql`create index if not exists claim_once_example_free on ${cards} (campaign, status, card_id)`,
    sql`create index if not exists claim_once_example_reserved on ${cards} (campaign, status, reserved_until)`,
    sql`
create table if not exists ${winners} (
  winner varchar(40) not null primary key,
  card_id integer not null unique,
  full_name varchar(80) not null,
  contact varchar(200) not null
)`,
  ],
  mysql: [
    sql`
create table if not exists ${cards} (
  card_id integer not null auto_increment primary key,
  campaign varchar(20) not null,
  card_number varchar(40) not null unique,
  status varchar(10) not null default 'Free',
  owner varchar(40),
  slot integer,
  draw_token char(36),
  reserved_until datetime(6),
  taken_at datetime(6),
  unique key owners (campaign, owner, slot),
  key free (campaign, status, card_id),
  key reserved (campaign, status, reserved_until)
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
    sql`
create table if not exists ${winners} (
  winner varchar(40) not null primary key,
  card_id integer not null unique,
  full_name varchar(80) not null,
  contact varchar(200) not null
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
  ],
  // NULLs collide in its unique indexes, so that of the owners is filtered. NVARCHAR is what kysely sends.
  mssql: [
    sql`
if object_id(${PRIZE_CARDS}, 'U') is null
begin
  create table ${cards} (
    card_id int not null identity primary key,
    campaign nvarchar(20) not null,
    card_number nvarchar(40) not null unique,
    status varchar(10) not null default 'Free',
    owner nvarchar(40) collate Latin1_General_BIN2,
    slot int,
    draw_token char(36),
    reserved_until datetime2(6),
    taken_at datetime2(6)
  )
  create unique index owners on ${cards} (campaign, owner, slot) where owner is not null
  create index free on ${cards} (campaign, status, card_id)
  create index reserved on ${cards} (campaign, status, reserved_until)
end`,
    sql`
if object_id(${PRIZE_WINNERS}, 'U') is null
  create table ${winners} (
    winner nvarchar(40) not null primary key,
    card_id int not null unique,
    full_name nvarchar(80) not null,
    contact nvarchar(200) not null
  )`,
  ],
}
