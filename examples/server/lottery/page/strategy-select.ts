import type { PickStrategy } from 'claim-once'
import { html } from 'hono/html'
import { DRAW_STRATEGIES } from '../strategy.ts'
import type { Html } from './layout.ts'

const WHAT_IT_DOES = {
  skip_locked: 'past locked rows',
  conditional: 'a free one, guarded',
  queue: 'candidates from Redis',
} as const satisfies Record<PickStrategy, string>

export const strategySelect = ({
  strategy: chosen,
  hasQueue,
}: {
  readonly strategy: PickStrategy
  readonly hasQueue: boolean
}): Html => html`
  <label>
    <span>How a card is picked</span>
    <select name="strategy">
      ${DRAW_STRATEGIES.map((strategy) => {
        const isMissing = strategy === 'queue' && !hasQueue
        return html`<option
          value="${strategy}"
          ${strategy === chosen ? html`selected` : ''}
          ${isMissing ? html`disabled` : ''}
        >
          ${strategy}: ${isMissing ? 'set REDIS_URL' : WHAT_IT_DOES[strategy]}
        </option>`
      })}
    </select>
  </label>
`
