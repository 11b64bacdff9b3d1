import type { Kysely } from 'kysely'
import type { ShopTables } from '../../shop/tables.ts'
import type { Recipient } from './record-win.ts'
import { NO_CARDS } from './send-card.ts'
import { PRIZE_MESSAGES, PRIZE_WINS } from './win-tables.ts'

/** What has become of a prize that is to be delivered later. */
export interface Prize {
  /** `no_cards`, `delayed`: it was tried, and is tried again. `failed`: a person looks at it. */
  readonly state: 'recorded' | 'no_cards' | 'delayed' | 'sent' | 'failed'
  /** Of the card that was sent. */
  readonly cardNumber: string | null
  readonly recipient: Recipient
}

/** `null`: nothing is recorded for him. */
export async function findPrize(db: Kysely<ShopTables>, winner: string): Promise<Prize | null> {
  const found = await db
    .selectFrom(PRIZE_WINS)
    .leftJoin(PRIZE_MESSAGES, `${PRIZE_MESSAGES}.winner`, `${PRIZE_WINS}.winner`)
    .select(['full_name', `${PRIZE_WINS}.phone`, 'status', 'last_error', 'card_number'])
    .where(`${PRIZE_WINS}.winner`, '=', winner)
    .executeTakeFirst()
  if (found === undefined) return null
  const { full_name: name, phone, card_number: cardNumber } = found
  return { state: stateOf(found), cardNumber, recipient: { name, phone } }
}

function stateOf({ status, last_error }: { readonly status: string; readonly last_error: string | null }) {
  if (status === 'Sent') return 'sent'
  if (status === 'Failed') return 'failed'
  if (last_error === null) return 'recorded'
  return last_error.includes(NO_CARDS) ? 'no_cards' : 'delayed'
}
