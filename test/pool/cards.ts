import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'
import { checkPoolConfig } from '../../src/pool/check-pool-config.ts'
import { ItemPoolCaller } from '../../src/pool/item-pool.ts'
import type { LowStock, PickStrategy } from '../../src/pool/pool-config.ts'
import type { PoolEvent } from '../../src/pool/pool-events.ts'
import type { RawDrawOptions } from '../../src/pool/pool-options.ts'
import type { ConfirmResult, DrawResult, PoolCounts, ReleaseResult } from '../../src/pool/pool-outcome.ts'
import type { Subject } from '../contract/subject.ts'

export type Item = Readonly<Record<string, unknown>> & { readonly slot: number }

/** A pool as a test calls it: whatever the types of the adapter. */
export interface Cards {
  readonly claimNext: (owner: unknown, options?: RawDrawOptions) => Promise<DrawResult<Item, unknown>>
  readonly confirm: (owner: unknown, options?: RawDrawOptions) => Promise<ConfirmResult<Item, unknown>>
  readonly release: (owner: unknown, options?: RawDrawOptions) => Promise<ReleaseResult>
  readonly expire: (options?: RawDrawOptions) => Promise<{ readonly freed: number }>
  readonly refill: (options?: RawDrawOptions) => Promise<{ readonly queued: number }>
  readonly count: (options?: RawDrawOptions) => Promise<PoolCounts>
  readonly strategy: PickStrategy
  readonly events: PoolEvent[]
}

export const CARD_COLUMNS = {
  id: 'card_id',
  status: 'status',
  owner: 'owner',
  slot: 'slot',
  scope: 'campaign',
  takenAt: 'taken_at',
  token: 'draw_token',
  reservedUntil: 'reserved_until',
} as const

export const CARD_STATES = { free: 'Free', taken: 'Taken', reserved: 'Reserved' } as const

/** The table, by family. Filter and order of a pick are served by one index; the key makes an owner's items his only once. */
const DDL: Readonly<Record<Subject['family'], readonly string[]>> = {
  mysql: [
    `create table cards (
       card_id bigint not null auto_increment primary key, campaign varchar(20) not null, status varchar(10) not null default 'Free',
       owner varchar(40) null, slot int null, taken_at datetime(6) null, draw_token char(36) null,
       reserved_until datetime(6) null,
       card_number varchar(30) not null, worth int not null default 10,
       unique key owners (campaign, owner, slot), key free_cards (campaign, status, card_id),
       key reserved_cards (campaign, status, reserved_until)
     ) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
  ],
  sqlite: [
    `create table cards (
       card_id integer primary key, campaign text not null, status text not null default 'Free',
       owner text null, slot integer null, taken_at text null, draw_token text null, reserved_until text null,
       card_number text not null, worth integer not null default 10
     )`,
    'create unique index owners on cards (campaign, owner, slot)',
    'create index free_cards on cards (campaign, status, card_id)',
    'create index reserved_cards on cards (campaign, status, reserved_until)',
  ],
  mssql: [
    `create table cards (
       card_id bigint not null identity primary key, campaign varchar(20) not null, status varchar(10) not null default 'Free',
       owner varchar(40) collate Latin1_General_BIN2 null, slot int null, taken_at datetime2(6) null,
       draw_token char(36) null, reserved_until datetime2(6) null,
       card_number varchar(30) not null, worth int not null default 10
     )`,
    'create unique index owners on cards (campaign, owner, slot) where owner is not null',
    'create index free_cards on cards (campaign, status, card_id)',
    'create index reserved_cards on cards (campaign, status, reserved_until)',
  ],
}

export async function createCards({ family, query }: Subject): Promise<void> {
  for (const statement of DDL[family]) await query(statement)
}

let campaigns = 0

/** So many free cards in a campaign of their own; gives its name. */
export async function newCampaign({ query }: Subject, cards: number, worth = 10): Promise<string> {
  campaigns += 1
  const campaign = `campaign ${campaigns}`
  for (let from = 0; from < cards; from += 500) {
    const rows = Array.from({ length: Math.min(500, cards - from) }, (_, index) => {
      return `('${campaign}', 'N${campaigns}-${from + index}', ${worth})`
    })
    await query(`insert into cards (campaign, card_number, worth) values ${rows.join(', ')}`)
  }
  return campaign
}

/** The same; where the candidates come from a queue, they are in it. */
export async function stock(subject: Subject, cards: Cards, free: number, worth = 10): Promise<string> {
  const scope = await newCampaign(subject, free, worth)
  if (cards.strategy === 'queue') await cards.refill({ scope })
  return scope
}

/** What a mutant changes. */
export interface PoolMutation {
  readonly adapter?: (adapter: Subject['adapter']) => Subject['adapter']
  readonly queue?: (queue: CandidateQueue) => CandidateQueue
}

export interface CardsUnderTest {
  readonly strategy: PickStrategy
  readonly drawTogether?: number
  readonly timeoutMs?: number
  readonly queue?: CandidateQueue
  readonly queueTimeoutMs?: number
  readonly lowStock?: LowStock
  /** Wraps the adapter of this test, below a mutant's. */
  readonly adapter?: (adapter: Subject['adapter']) => Subject['adapter']
  readonly mutation?: PoolMutation
}

export function cardsOn(subject: Subject, { strategy, adapter, mutation, queue, ...bounds }: CardsUnderTest): Cards {
  const events: PoolEvent[] = []
  const wrapped = adapter === undefined ? subject.adapter : adapter(subject.adapter)
  const database = mutation?.adapter === undefined ? wrapped : mutation.adapter(wrapped)
  const config = checkPoolConfig({
    database,
    table: 'cards',
    columns: CARD_COLUMNS,
    states: CARD_STATES,
    strategy,
    timeoutMs: 10_000,
    ...(queue === undefined ? {} : { queue: mutation?.queue?.(queue) ?? queue }),
    ...bounds,
  })
  const caller = new ItemPoolCaller(config, database, (event) => events.push(event))
  return {
    claimNext: (owner, options = {}) => caller.claimNext(owner, options) as Promise<DrawResult<Item, unknown>>,
    confirm: (owner, options = {}) => caller.confirm(owner, options) as Promise<ConfirmResult<Item, unknown>>,
    release: (owner, options = {}) => caller.release(owner, options),
    expire: (options = {}) => caller.expire(options),
    refill: (options = {}) => caller.refill(options),
    count: (options = {}) => caller.count(options),
    strategy,
    events,
  }
}

/** What the table says of a campaign: every card that somebody has, and whose it is. */
export async function givenCards(
  { query }: Subject,
  campaign: string,
): Promise<{ owner: string; slot: number; number: string }[]> {
  const rows = await query(
    `select owner, slot, card_number from cards where campaign = '${campaign}' and status = 'Taken' order by owner, slot`,
  )
  return rows.map((row) => ({
    owner: String(row['owner']),
    slot: Number(row['slot']),
    number: String(row['card_number']),
  }))
}
