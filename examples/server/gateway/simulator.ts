import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Secret } from './signature.ts'
import { sign } from './signature.ts'

export interface PaymentRequest {
  readonly orderId: number
  readonly amountFen: number
  /** Where the gateway notifies the shop. */
  readonly notifyUrl: string
  /** Where the gateway sends the customer's browser. */
  readonly redirectUrl: string
  /** How many notifications the gateway sends at once, the first time. */
  readonly burst: number
}

/** The gateway is done with a payment. */
export interface Settlement {
  readonly dealId: string
  /** `false` when the gateway gave up, or was stopped, before the shop answered that the payment is handled. */
  readonly answered: boolean
  readonly notifications: number
}

/** Gateways hang up after 5 to 10 seconds. */
const HANG_UP_MS = 5000

/**
 * A payment gateway in which every customer pays at once. For each payment it
 *
 * 1. sends a burst of notifications and, at the same instant, the customer's browser back to the shop;
 * 2. notifies again each second, whether or not the last call has been answered;
 * 3. stops when one answer says that the payment is handled, or after a number of calls.
 */
export class GatewaySimulator {
  readonly #secret: Secret
  readonly #pollMs: number
  readonly #maxPolls: number
  readonly #settlements = new Map<string, Promise<Settlement>>()
  readonly #stop = new AbortController()

  constructor(secret: Secret, options: { readonly pollMs?: number; readonly maxPolls?: number } = {}) {
    this.#secret = secret
    this.#pollMs = options.pollMs ?? 1000
    this.#maxPolls = options.maxPolls ?? 10
  }

  /** Takes the payment and begins to call. Returns the gateway's own number of it. */
  pay(request: PaymentRequest, whenSettled: (settlement: Settlement) => Promise<void>): string {
    const dealId = randomUUID()
    const settle = async (): Promise<Settlement> => {
      const settlement = await this.#callUntilAnswered(request, dealId)
      await whenSettled(settlement)
      return settlement
    }
    this.#settlements.set(dealId, settle())
    return dealId
  }

  settled(dealId: string): Promise<Settlement> {
    return this.#settlements.get(dealId) ?? Promise.reject(new Error(`There is no payment ${dealId}.`))
  }

  /** Sends nothing more, and waits for the answers to what was sent. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#settlements.values())
  }

  async #callUntilAnswered(request: PaymentRequest, dealId: string): Promise<Settlement> {
    const notifyUrl = this.#signed(request.notifyUrl, request, dealId)
    const redirectUrl = this.#signed(request.redirectUrl, request, dealId)
    const answered = new AbortController()
    const done = AbortSignal.any([answered.signal, this.#stop.signal])
    const notify = async (): Promise<void> => {
      const answer = await call(notifyUrl)
      if (answer.startsWith('<result>1</result>')) answered.abort()
    }

    const calls: Promise<unknown>[] = [call(redirectUrl)]
    let notifications = 0
    for (let poll = 1; poll <= this.#maxPolls && !done.aborted; poll++) {
      const atOnce = poll === 1 ? request.burst : 1
      notifications += atOnce
      for (let n = 0; n < atOnce; n++) calls.push(notify())
      // It ends early, by an AbortError, when there is nothing more to wait for.
      await pause(this.#pollMs, undefined, { signal: done }).catch(() => {})
    }
    await Promise.all(calls)
    return { dealId, answered: answered.signal.aborted, notifications }
  }

  /** Signs all parameters, the shop's own in the URL among them. */
  #signed(url: string, { orderId, amountFen }: PaymentRequest, dealId: string): URL {
    const signed = new URL(url)
    signed.searchParams.set('orderId', String(orderId))
    signed.searchParams.set('dealId', dealId)
    signed.searchParams.set('amountFen', String(amountFen))
    signed.searchParams.set('payResult', '10')
    signed.searchParams.set('sign', sign(signed.searchParams, this.#secret))
    return signed
  }
}

/** The shop's answer; an empty one when none came. A gateway does not ask why: it calls again. */
async function call(url: URL): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HANG_UP_MS) })
    return await response.text()
  } catch {
    return ''
  }
}
