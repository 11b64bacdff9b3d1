import type { PickStrategy, PoolCounts } from 'claim-once'
import { html } from 'hono/html'
import type { Prize } from '../later/find-prize.ts'
import type { RushReport } from '../rush.ts'
import type { Details } from '../winners.ts'
import { card } from './card.ts'
import { detailsForm } from './details-form.ts'
import { drawForm } from './draw-form.ts'
import { laterForm } from './later-form.ts'
import { laterSection } from './later-section.ts'
import { layout } from './layout.ts'
import type { Html } from './layout.ts'
import { rushSection } from './rush-section.ts'
import type { Notice } from './words.ts'

/** How far somebody has come: he draws, is asked for his details, has his card; or his card comes later. */
export type Stage =
  | { readonly at: 'draw' }
  | { readonly at: 'details'; readonly keptForMs: number | null; readonly typed: Details | null }
  | { readonly at: 'later'; readonly prize: Prize }
  | { readonly at: 'card'; readonly cardNumber: string; readonly details: Details | null }

export interface PageContent {
  readonly stage: Stage
  readonly winner: string
  readonly strategy: PickStrategy
  readonly hasQueue: boolean
  readonly notice: Notice | null
  /** `null` where they could not be counted. */
  readonly counts: PoolCounts | null
  readonly rush: RushReport | null
}

export const lotteryPage = (content: PageContent): Html =>
  layout(html`
    <header>
      <p class="kicker">claim-once, an example</p>
      <h1>Spring lottery</h1>
      <p class="lead">One card for one winner, however often you ask.</p>
    </header>
    <main>
      <section class="panel" aria-label="Your draw">
        ${steps(content.stage.at)} ${content.notice === null ? '' : noticeBox(content.notice)} ${body(content)}
        ${content.counts === null ? '' : stock(content.counts)}
      </section>
      ${rushSection(content)}
    </main>
  `)

const AT_ONCE = [
  ['draw', 'Draw'],
  ['details', 'Your details'],
  ['card', 'Your card'],
] as const
const LATER = [
  ['recorded', 'Recorded'],
  ['later', 'On its way'],
  ['card', 'Your card'],
] as const

function steps(at: Stage['at']): Html {
  const way = at === 'later' ? LATER : AT_ONCE
  const current = way.findIndex(([step]) => step === at)
  return html`<ol class="steps">
    ${way.map(([, label], index) => {
      const state = index < current ? 'done' : index === current ? 'now' : 'next'
      return html`<li class="${state}" ${state === 'now' ? html`aria-current="step"` : ''}>${label}</li>`
    })}
  </ol>`
}

const noticeBox = ({ tone, title, text }: Notice): Html =>
  html`<div class="notice ${tone}" role="status">
    <strong>${title}</strong>
    <p>${text}</p>
  </div>`

function body({ stage, winner, strategy, hasQueue }: PageContent): Html {
  switch (stage.at) {
    case 'draw':
      return html`${drawForm({ winner, strategy, hasQueue })} ${laterForm({ winner })}`
    case 'details':
      return detailsForm({ winner, ...stage })
    case 'later':
      return laterSection({ winner, ...stage })
    case 'card':
      return card({ winner, ...stage })
  }
}

function stock({ free, reserved, taken }: PoolCounts): Html {
  const all = Math.max(1, free + reserved + taken)
  const share = (count: number): string => `${((count / all) * 100).toFixed(2)}%`
  return html`<div class="stock">
    <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect class="taken" height="1" width="${share(taken)}" />
      <rect class="reserved" height="1" x="${share(taken)}" width="${share(reserved)}" />
    </svg>
    <p>
      <span><b>${free}</b> free</span>
      <span class="reserved"><b>${reserved}</b> kept for somebody</span>
      <span class="taken"><b>${taken}</b> given</span>
    </p>
  </div>`
}
