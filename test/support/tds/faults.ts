import type { TdsRequest } from './requests.ts'
import type { TdsSession } from './session.ts'
import type { TdsErrorDetails } from './tokens.ts'

/** What goes wrong with a request. "Cut" destroys the socket. */
export type Fault =
  /** The script is run so much later. An attention in the meantime ends the request, and the script is not run. */
  | { readonly delayMs: number }
  /** Answered instead of running the script; `rolledBack` ends the session's transaction with it, if one is open. */
  | { readonly error: TdsErrorDetails; readonly rolledBack?: boolean }
  /** Cut, and the script is not run. */
  | 'cut before'
  /** The script is run, so what it does is done; then cut without a reply. */
  | 'cut after'
  /** As 'cut after', with the first half of the reply's bytes. */
  | 'cut midway'
  /** The script is run, and its reply is never sent. The socket stays open, and an attention is acknowledged. */
  | 'swallow'
  /** The script is not run, and nothing is answered, an attention neither. */
  | 'hang'
  /**
   * The client is cut off at once; the server does not notice, and runs the script when the promise says so. Only then
   * is the session over.
   */
  | { readonly lateAfter: Promise<unknown> }

export interface FaultOrder {
  readonly when: (request: TdsRequest, session: TdsSession) => boolean
  /** Default: 1. */
  readonly times?: number
  readonly do: Fault
}

/** A fault that waits for its request. */
export class ArmedFault {
  readonly order: FaultOrder
  /** It has happened once: a cut socket is cut, a script that was to be run has been run, a delay has begun. */
  readonly struck: Promise<void>
  #strikes = 0
  #left: number
  readonly #tell: () => void

  constructor(order: FaultOrder) {
    this.order = order
    this.#left = order.times ?? 1
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.struck = promise
    this.#tell = () => resolve(undefined)
  }

  /** How often it has happened. */
  get strikes(): number {
    return this.#strikes
  }

  /** Takes the request, if it is one of those that are waited for. */
  takes(request: TdsRequest, session: TdsSession): boolean {
    if (this.#left === 0 || !this.order.when(request, session)) return false
    this.#left -= 1
    return true
  }

  strike(): void {
    this.#strikes += 1
    this.#tell()
  }
}

export class Faults {
  #armed: readonly ArmedFault[] = []

  /** Of several faults that fit a request, the one that was added first takes it. */
  add(order: FaultOrder): ArmedFault {
    const fault = new ArmedFault(order)
    this.#armed = [...this.#armed, fault]
    return fault
  }

  clear(): void {
    this.#armed = []
  }

  of(request: TdsRequest, session: TdsSession): ArmedFault | null {
    return this.#armed.find((fault) => fault.takes(request, session)) ?? null
  }
}
