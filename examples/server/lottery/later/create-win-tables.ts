import { sql } from 'kysely'
import { PRIZE_MESSAGES, PRIZE_WINS } from './win-tables.ts'

const wins = sql.table(PRIZE_WINS)
const messages = sql.table(PRIZE_MESSAGES)

/**
 * In each database the same: a winner has won once, and one index serves whoever looks for what is due. The keys of the
 * messages are a second line of defence, and a witness: one message for each winner, and one winner for each card.
 */
export const WIN_TABLES = {
  sqlite: [
    sql`
create table if not exists ${wins} (
  winner varchar(40) not null primary key,
  full_name varchar(80) not null,
  phone varchar(40) not null,
  status varchar(10) not null default 'Wait',
  attempts integer not null default 0,
  deliver_token char(36),
  lease_until text,
  due_at text,
  last_error varchar(500),
  recorded_at text not null,
  sent_at text
)`,
    sql`create index if not exists claim_once_example_due on ${wins} (due_at, status)`,
    sql`
create table if not exists ${messages} (
  winner varchar(40) not null primary key,
  card_number varchar(40) not null unique,
  phone varchar(40) not null,
  body varchar(300) not null
)`,
  ],
  mysql: [
    sql`
create table if not exists ${wins} (
  winner varchar(40) not null primary key,
  full_name varchar(80) not null,
  phone varchar(40) not null,
  status varchar(10) not null default 'Wait',
  attempts integer not null default 0,
  deliver_token char(36),
  lease_until datetime(6),
  due_at datetime(6),
  last_error varchar(500),
  recorded_at datetime(6) not null,
  sent_at datetime(6),
  key due (due_at, status)
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
    sql`
create table if not exists ${messages} (
  winner varchar(40) not null primary key,
  card_number varchar(40) not null unique,
  phone varchar(40) not null,
  body varchar(300) not null
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
  ],
  mssql: [
    sql`
if object_id(${PRIZE_WINS}, 'U') is null
begin
  create table ${wins} (
    winner nvarchar(40) collate Latin1_General_BIN2 not null primary key,
    full_name nvarchar(80) not null,
    phone nvarchar(40) not null,
    status varchar(10) not null default 'Wait',
    attempts int not null default 0,
    deliver_token char(36),
    lease_until datetime2(6),
    due_at datetime2(6),
    last_error nvarchar(500),
    recorded_at datetime2(6) not null,
    sent_at datetime2(6)
  )
  create index due on ${wins} (due_at, status)
end`,
    sql`
if object_id(${PRIZE_MESSAGES}, 'U') is null
  create table ${messages} (
    winner nvarchar(40) collate Latin1_General_BIN2 not null primary key,
    card_number nvarchar(40) not null unique,
    phone nvarchar(40) not null,
    body nvarchar(300) not null
  )`,
  ],
}
