import type { Generated } from 'kysely'
import type { WinTables } from './later/win-tables.ts'

export const PRIZE_CARDS = 'claim_once_example_prize_cards'
export const PRIZE_WINNERS = 'claim_once_example_prize_winners'

export interface PrizeTables extends WinTables {
  [PRIZE_CARDS]: {
    card_id: Generated<number>
    campaign: string
    card_number: string
    status: 'Free' | 'Reserved' | 'Taken'
    /** These are NULL while the card is free. */
    owner: string | null
    slot: number | null
    draw_token: string | null
    /** Text on SQLite, else a Date. */
    reserved_until: Date | string | null
    taken_at: Date | string | null
  }
  [PRIZE_WINNERS]: {
    winner: string
    card_id: number
    full_name: string
    /** An address, or a telephone number. */
    contact: string
  }
}
