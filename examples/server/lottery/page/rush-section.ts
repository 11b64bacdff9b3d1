import type { PickStrategy } from 'claim-once'
import { html } from 'hono/html'
import { CARDS, REQUESTS_EACH, WINNERS } from '../rush.ts'
import type { RushReport } from '../rush.ts'
import type { Tally } from '../tally.ts'
import type { Html } from './layout.ts'
import { strategySelect } from './strategy-select.ts'

export const rushSection = ({
  rush,
  ...form
}: {
  readonly rush: RushReport | null
  readonly strategy: PickStrategy
  readonly hasQueue: boolean
}): Html => html`
  <section class="panel" id="rush" aria-label="A rush">
    <div>
      <h2>A rush</h2>
      <p class="lead">
        ${WINNERS} winners send ${REQUESTS_EACH} requests each, all at once, for ${CARDS} other cards. Then the same by
        the naive way: select an unused card, mark it used.
      </p>
    </div>
    <form method="post" action="/lottery/rush#rush" class="row">
      ${strategySelect(form)}
      <button>Let them in</button>
    </form>
    ${rush === null ? '' : results(rush)}
  </section>
`

const results = (rush: RushReport): Html => html`
  <table>
    <caption>
      ${rush.requests} requests for ${rush.cards} cards
    </caption>
    <thead>
      <tr>
        <td></td>
        <th scope="col">${rush.strategy}</th>
        <th scope="col">the naive way</th>
      </tr>
    </thead>
    <tbody>
      ${row(rush, 'Cards given', ({ cardsGiven }) => cardsGiven, rush.cards)}
      ${row(rush, 'Winners with two cards', ({ winnersWithTwoCards }) => winnersWithTwoCards, 0)}
      ${row(rush, 'Cards with two owners', ({ cardsWithTwoOwners }) => cardsWithTwoOwners, 0)}
      ${row(rush, 'Most owners of one card', ({ mostOwnersOfOneCard }) => mostOwnersOfOneCard, 1)}
      ${row(rush, 'Winners told of a card that is not theirs', ({ toldWrongly }) => toldWrongly, 0)}
      ${row(rush, 'Winners told that there are none left', ({ exhausted }) => exhausted, rush.winners - rush.cards)}
      ${row(rush, 'Requests that failed', ({ failures }) => failures.length, 0)}
      ${row(rush, 'Milliseconds', ({ tookMs }) => tookMs, null)}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">Verdict</th>
        ${[rush.chosen, rush.naive].map(
          ({ isRight }) => html`<td class="${isRight ? 'right' : 'wrong'}">${isRight ? 'right' : 'wrong'}</td>`,
        )}
      </tr>
    </tfoot>
  </table>
`

/** `right` is what it must be; `null` where there is no wrong. */
const row = ({ chosen, naive }: RushReport, label: string, value: (of: Tally) => number, right: number | null): Html =>
  html`<tr>
    <th scope="row">${label}</th>
    ${[chosen, naive].map((of) => {
      const isWrong = right !== null && value(of) !== right
      return html`<td class="${isWrong ? 'wrong' : ''}">${value(of)}</td>`
    })}
  </tr>`
