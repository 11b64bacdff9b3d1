import { html } from 'hono/html'
import type { Prize } from '../later/find-prize.ts'
import type { Html } from './layout.ts'

/** A prize that is on its way. */
export const laterSection = ({ winner, prize }: { readonly winner: string; readonly prize: Prize }): Html => html`
  <p class="aside">For ${prize.recipient.name}, ${prize.recipient.phone}</p>
  <form method="get" action="/lottery/prize" class="row">
    <input type="hidden" name="winner" value="${winner}" />
    <p class="aside">Recorded for <b>${winner}</b>. Or <a href="/lottery">draw for somebody else</a>.</p>
    <button>What has become of it?</button>
  </form>
`
