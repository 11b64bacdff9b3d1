export const PRIZE_WINS = 'claim_once_example_prize_wins'
export const PRIZE_MESSAGES = 'claim_once_example_prize_messages'

export interface WinTables {
  /** Who has won and is waiting for his card; one row for each. */
  [PRIZE_WINS]: {
    winner: string
    full_name: string
    phone: string
    status: 'Wait' | 'Processing' | 'Sent' | 'Failed'
    attempts: number
    deliver_token: string | null
    /** Times are text on SQLite, else a Date; and UTC, by the clock of the database. */
    lease_until: Date | string | null
    due_at: Date | string | null
    last_error: string | null
    recorded_at: Date | string
    sent_at: Date | string | null
  }
  /** What goes out to the winners: another job hands it to whoever sends text messages. */
  [PRIZE_MESSAGES]: {
    winner: string
    card_number: string
    phone: string
    body: string
  }
}
