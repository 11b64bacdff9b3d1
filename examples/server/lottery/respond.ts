import { randomBytes } from 'node:crypto'
import type { PickStrategy, ReplyAdvice } from 'claim-once'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { Prize } from './later/find-prize.ts'
import type { Answer, Lottery } from './lottery.ts'
import { NOT_RECORDED, prizeWords } from './page/later-words.ts'
import { lotteryPage } from './page/lottery-page.ts'
import type { PageContent, Stage } from './page/lottery-page.ts'
import { FAILED, wordsFor } from './page/words.ts'
import type { RushReport } from './rush.ts'
import { CAMPAIGN } from './stock-cards.ts'
import type { Tally } from './tally.ts'
import type { Details } from './winners.ts'
import { findDetails } from './winners.ts'

const STATUS = { handled: 200, review: 409, call_again: 503 } as const satisfies Record<ReplyAdvice, number>
type Status = 200 | 400 | 404 | (typeof STATUS)[ReplyAdvice]

/** The page loads nothing from elsewhere, and what somebody has typed never runs. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Everything of a page that is not what it always is. */
type Shown = Pick<PageContent, 'stage'> & Partial<PageContent>

/** Answers as a page, or as JSON for those who accept that. */
export class Responder {
  readonly #lottery: Lottery

  constructor(lottery: Lottery) {
    this.#lottery = lottery
  }

  async page(context: Context, shown: Shown, status: Status = 200): Promise<Response> {
    const { cards, queue } = this.#lottery
    // Counted for every page: these are 200 cards. Of a million you would keep the number for a while.
    const counts = await cards.count({ scope: CAMPAIGN }).catch(() => null)
    const winner = `winner-${randomBytes(2).toString('hex')}`
    const content = {
      winner,
      strategy: 'skip_locked',
      notice: null,
      rush: null,
      hasQueue: queue !== null,
      counts,
    } as const
    context.header('content-security-policy', POLICY)
    context.header('cache-control', 'no-store')
    return await context.html(lotteryPage({ ...content, ...shown }), status)
  }

  async refusal(context: Context, text: string, shown: Shown): Promise<Response> {
    if (wantsJson(context)) return json(context, { error: text }, 400)
    return await this.page(context, { ...shown, notice: { tone: 'bad', title: 'That is not possible.', text } }, 400)
  }

  async drawn(
    context: Context,
    drawn: { readonly winner: string; readonly strategy: PickStrategy; readonly answer: Answer },
  ): Promise<Response> {
    const { winner, strategy, answer } = drawn
    const { keptForMs } = answer
    const stage: Stage = keptForMs === null ? { at: 'draw' } : { at: 'details', keptForMs, typed: null }
    return await this.#answer(context, 'draw', { winner, strategy, answer, stage })
  }

  async confirmed(
    context: Context,
    { winner, typed, answer }: { readonly winner: string; readonly typed: Details; readonly answer: Answer },
  ): Promise<Response> {
    const stage: Stage = answer.reply === 'call_again' ? { at: 'details', keptForMs: null, typed } : { at: 'draw' }
    return await this.#answer(context, 'confirm', { winner, answer, stage })
  }

  /** What has become of a prize that is delivered later; `null`: nothing is recorded, or nobody knows. */
  async prize(
    context: Context,
    told: {
      readonly winner: string
      readonly prize: Prize | null
      readonly outcome: 'recorded' | 'duplicate' | 'failed' | 'found' | 'not_found'
    },
  ): Promise<Response> {
    const { winner, prize, outcome } = told
    const isUnknown = outcome === 'failed'
    const notice = prize === null ? (isUnknown ? FAILED : NOT_RECORDED) : prizeWords(prize, outcome === 'duplicate')
    const status = prize !== null ? 200 : isUnknown ? 503 : 404
    if (isUnknown) context.header('retry-after', '1')
    if (wantsJson(context)) {
      const { state = null, cardNumber = null } = prize ?? {}
      return json(context, { winner, outcome, state, cardNumber, message: `${notice.title} ${notice.text}` }, status)
    }
    return await this.page(context, { winner, notice, stage: prize === null ? { at: 'draw' } : stageOf(prize) }, status)
  }

  async rushed(context: Context, rush: RushReport): Promise<Response> {
    const { strategy, cards, winners, requests, chosen, naive } = rush
    if (wantsJson(context)) {
      return json(context, { strategy, cards, winners, requests, chosen: counts(chosen), naive: counts(naive) }, 200)
    }
    return await this.page(context, { stage: { at: 'draw' }, strategy, rush })
  }

  /** `stage`: where the winner stands when no card is his for good. */
  async #answer(
    context: Context,
    step: 'draw' | 'confirm',
    told: Shown & { readonly winner: string; readonly answer: Answer; readonly stage: Stage },
  ): Promise<Response> {
    const { winner, answer, ...shown } = told
    const { outcome, reply, keptForMs, cardNumber } = answer
    const notice = wordsFor(step, answer)
    const status = STATUS[reply]
    if (reply === 'call_again') context.header('retry-after', '1')
    if (wantsJson(context)) {
      const message = `${notice.title} ${notice.text}`
      return json(context, { winner, outcome, keptForMs, cardNumber, message }, status)
    }
    const stage: Stage =
      cardNumber === null
        ? told.stage
        : { at: 'card', cardNumber, details: await findDetails(this.#lottery.db, winner) }
    return await this.page(context, { ...shown, winner, notice, stage }, status)
  }
}

function stageOf(prize: Prize): Stage {
  const { cardNumber, recipient } = prize
  if (cardNumber === null) return { at: 'later', prize }
  return { at: 'card', cardNumber, details: { name: recipient.name, contact: recipient.phone } }
}

const wantsJson = (context: Context): boolean =>
  accepts(context, {
    header: 'Accept',
    supports: ['text/html', 'application/json'],
    default: 'text/html',
  }) === 'application/json'

/** Over several lines and with one at the end, for people with curl. */
const json = (context: Context, body: object, status: Status): Response =>
  context.body(`${JSON.stringify(body, null, 2)}\n`, status, { 'content-type': 'application/json' })

const counts = ({ failures, ...tally }: Tally): object => ({ ...tally, failures: failures.length })
