import { html } from 'hono/html'
import { LONGEST_PHONE } from '../later/record-win.ts'
import { LONGEST_NAME } from '../winners.ts'
import type { Html } from './layout.ts'

/** Below the draw: the prize is recorded, and the card comes later. */
export const laterForm = ({ winner }: { readonly winner: string }): Html => html`
  <details>
    <summary>Or have your card sent later</summary>
    <form method="post" action="/lottery/later">
      <div class="fields">
        <label>
          <span>Who has won</span>
          <input name="winner" value="${winner}" required maxlength="40" pattern="[a-z0-9\\-]+" autocomplete="off" />
        </label>
        <label>
          <span>Your name</span>
          <input name="name" required maxlength="${LONGEST_NAME}" autocomplete="name" />
        </label>
        <label>
          <span>Telephone</span>
          <input
            name="phone"
            type="tel"
            required
            maxlength="${LONGEST_PHONE}"
            pattern="\\+?[0-9 \\/\\(\\)\\-]{3,}"
            title="0 to 9, spaces, and + / ( ) -"
            autocomplete="tel"
          />
        </label>
      </div>
      <button>Send it later</button>
    </form>
  </details>
`
