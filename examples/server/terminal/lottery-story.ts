import { styleText } from 'node:util'
import type { FallbackReason } from 'claim-once'
import type { Answer, DeliveryReport, LotteryStory } from '../lottery/lottery.ts'
import { minutesAndSeconds } from '../lottery/page/details-form.ts'
import type { Tally } from '../lottery/tally.ts'
import { INDENTATION, remarkLine, timeOfDay } from './line.ts'

type Style = Parameters<typeof styleText>[0]

/** A line for each request to the lottery, and one for whatever it does by itself. */
export const lotteryStory: LotteryStory = {
  request(report) {
    if ('refusal' in report) {
      write('yellow', { step: report.step, outcome: 'refused', remark: report.refusal })
      return
    }
    const { step, winner, answer } = report
    const strategy = step === 'draw' ? report.strategy : ''
    write(styleOf(answer), { step, strategy, outcome: answer.outcome, remark: `${winner}${whatHeHas(answer)}` })
    if (answer.error !== undefined) console.log(answer.error)
  },

  rush({ strategy, requests, cards, chosen, naive }) {
    write(chosen.isRight ? 'green' : 'red', { step: 'rush', strategy, outcome: verdict(chosen), remark: found(chosen) })
    write(naive.isRight ? 'green' : 'red', {
      step: 'rush',
      strategy: 'naive',
      outcome: verdict(naive),
      remark: found(naive),
    })
    console.log(`${INDENTATION}${requests} requests at once for ${cards} cards.`)
    for (const [first] of [chosen.failures, naive.failures]) if (first !== undefined) console.log(first)
  },

  fallback({ reason, error }) {
    const why = error instanceof Error ? `: ${error.message}` : ''
    write('yellow', { step: 'fallback', strategy: 'queue', outcome: reason, remark: `${FALLBACK[reason]}${why}` })
  },

  refilled(report) {
    if ('error' in report)
      write('yellow', { step: 'refill', strategy: 'queue', outcome: 'failed', remark: text(report.error) })
    else write('dim', { step: 'refill', strategy: 'queue', outcome: `${report.queued} queued`, remark: '' })
  },

  expired(report) {
    if ('error' in report) write('yellow', { step: 'expire', outcome: 'failed', remark: text(report.error) })
    else
      write('dim', { step: 'expire', outcome: `${report.freed} freed`, remark: 'Nobody has confirmed them in time.' })
  },

  lowStock({ free }) {
    write('yellow', { step: 'low stock', outcome: `${free} free`, remark: 'The cards are running out.' })
  },

  later({ winner, outcome, error }) {
    const style = outcome === 'recorded' ? 'green' : outcome === 'duplicate' ? 'dim' : 'yellow'
    write(style, { step: 'later', outcome, remark: error === undefined ? winner : `${winner}: ${text(error)}` })
  },

  delivery({ winner, outcome, error }) {
    const remark = [winner ?? '', error === undefined ? '' : text(error)].filter(Boolean).join(': ')
    write(DELIVERY_STYLE[outcome], { step: 'delivery', outcome, remark })
  },
}

const DELIVERY_STYLE = {
  sent: 'green',
  failed: 'yellow',
  dead: 'red',
  waits: 'yellow',
  ended: 'red',
} as const satisfies Record<DeliveryReport['outcome'], Style>

const FALLBACK = {
  empty: 'The table was asked, because Redis holds too few candidates',
  stale: 'The table was asked, because no candidate of Redis was free',
  down: 'The table was asked, because Redis does not answer',
} as const satisfies Record<FallbackReason, string>

function write(
  style: Style,
  {
    step,
    strategy = '',
    outcome,
    remark,
  }: { readonly step: string; readonly strategy?: string; readonly outcome: string; readonly remark: string },
): void {
  const line = remarkLine({ time: timeOfDay(new Date()), strategy, callback: step, outcome, remark })
  console.log(styleText(style, line))
}

function styleOf({ outcome, reply }: Answer): Style {
  if (outcome === 'duplicate') return 'dim'
  return reply === 'handled' ? 'green' : 'yellow'
}

function whatHeHas({ keptForMs, cardNumber }: Answer): string {
  if (cardNumber !== null) return ` has ${cardNumber}`
  return keptForMs === null ? '' : `: a card is kept for ${minutesAndSeconds(keptForMs)}`
}

const verdict = ({ isRight }: Tally): string => (isRight ? 'right' : 'WRONG')

const found = ({ cardsGiven, winnersWithTwoCards, cardsWithTwoOwners, exhausted }: Tally): string =>
  `cards given: ${cardsGiven}, cards with two owners: ${cardsWithTwoOwners}, winners with two: ${winnersWithTwoCards}, without: ${exhausted}`

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))
