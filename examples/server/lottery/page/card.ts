import { html } from 'hono/html'
import type { Details } from '../winners.ts'
import type { Html } from './layout.ts'

export const card = ({
  winner,
  cardNumber,
  details,
}: {
  readonly winner: string
  readonly cardNumber: string
  readonly details: Details | null
}): Html => html`
  <div class="card">
    <p class="label">Gift card</p>
    <p class="number">${cardNumber}</p>
    <p class="holder">${details?.name ?? winner}</p>
  </div>
  ${details === null ? '' : html`<p class="aside centred">Your details: ${details.name}, ${details.contact}</p>`}
  <form method="post" action="/lottery/draw" class="row">
    <input type="hidden" name="winner" value="${winner}" />
    <p class="aside">What if you draw again? Or <a href="/lottery">draw for somebody else</a>.</p>
    <button>Draw again</button>
  </form>
`
