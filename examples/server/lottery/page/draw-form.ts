import type { PickStrategy } from 'claim-once'
import { html } from 'hono/html'
import type { Html } from './layout.ts'
import { strategySelect } from './strategy-select.ts'

export const drawForm = (form: {
  readonly winner: string
  readonly strategy: PickStrategy
  readonly hasQueue: boolean
}): Html => html`
  <form method="post" action="/lottery/draw">
    <div class="fields who-and-how">
      <label>
        <span>Who draws</span>
        <input
          name="winner"
          value="${form.winner}"
          required
          maxlength="40"
          pattern="[a-z0-9\\-]+"
          title="a to z, 0 to 9 and -"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
        />
      </label>
      ${strategySelect(form)}
    </div>
    <button class="primary">Draw a card</button>
  </form>
`
