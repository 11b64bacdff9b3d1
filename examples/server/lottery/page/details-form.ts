import { html } from 'hono/html'
import { LONGEST_CONTACT, LONGEST_NAME } from '../winners.ts'
import type { Details } from '../winners.ts'
import type { Html } from './layout.ts'

export const detailsForm = ({
  winner,
  keptForMs,
  typed,
}: {
  readonly winner: string
  readonly keptForMs: number | null
  readonly typed: Details | null
}): Html => html`
  ${keptForMs === null ? '' : countdown(keptForMs)}
  <form method="post" action="/lottery/confirm">
    <input type="hidden" name="winner" value="${winner}" />
    <div class="fields">
      <label>
        <span>Your name</span>
        <input name="name" value="${typed?.name ?? ''}" required maxlength="${LONGEST_NAME}" autocomplete="name" />
      </label>
      <label>
        <span>Address or telephone</span>
        <input name="contact" value="${typed?.contact ?? ''}" required maxlength="${LONGEST_CONTACT}" />
      </label>
    </div>
    <button class="primary">Get my card</button>
    <p class="aside">Drawn by <b>${winner}</b>. The number is told when your details are in.</p>
  </form>
`

/** Counted on by countdown.js. The database decides: a page that counts wrongly gives nobody more time. */
const countdown = (keptForMs: number): Html => html`
  <p class="countdown" data-ends-in-ms="${keptForMs}">
    <span class="time" role="timer">${minutesAndSeconds(keptForMs)}</span>
    <span class="what">to complete your details</span>
  </p>
`

/** `9:05` */
export function minutesAndSeconds(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
