import type { Answer } from './contest.ts'

/** What became of a call to which the answer of the server was lost, and how that was found out. */
export const RESOLUTIONS = [
  'inside: recovered',
  'inside: claimed',
  'inside: duplicate',
  'inside: otherwise',
  'resolve: recovered',
  'resolve: claimed',
  'resolve: duplicate',
  'callback: claimed',
  'callback: duplicate',
  'handled by then',
] as const
export type Resolution = (typeof RESOLUTIONS)[number]

/** In words. `CLAIM_UNKNOWN` is what the call threw. */
export const OF_CLAIMS = {
  'inside: recovered': 'within the call: it had been committed (`recovered`)',
  'inside: claimed': 'within the call: nothing stood, and it was claimed then',
  'inside: duplicate': 'within the call: another call had claimed',
  'inside: otherwise': 'within the call: nothing stood, and the call then failed or was busy',
  'resolve: recovered': '`CLAIM_UNKNOWN`, then `resolve()`: it had been committed (`recovered`)',
  'resolve: claimed': '`CLAIM_UNKNOWN`, then `resolve()`: nothing stood, and it was claimed then',
  'resolve: duplicate': '`CLAIM_UNKNOWN`, then `resolve()`: another call had claimed',
  'callback: claimed': '`CLAIM_UNKNOWN`, then a callback: nothing stood, and it was claimed then',
  'callback: duplicate': '`CLAIM_UNKNOWN`, then a callback: a duplicate, of this call or of another',
  'handled by then': '`CLAIM_UNKNOWN`, when another callback had been handled',
} as const satisfies Record<Resolution, string>

/** A lease has statements of several kinds, each of which can be unknown; nobody is asked to resolve one later. */
export const OF_LEASES = {
  'inside: recovered': 'within the call: the completion had been committed (`recovered`)',
  'inside: claimed': 'within the call: found out, and the call came to its end',
  'inside: duplicate': 'within the call: another call was done with it',
  'inside: otherwise': 'within the call: found out, and the call then failed, was busy, or had lost the lease',
  'callback: claimed': '`CLAIM_UNKNOWN`, then a callback: leased again, or taken over, and done',
  'callback: duplicate': '`CLAIM_UNKNOWN`, then a callback: a duplicate, of this call or of another',
  'handled by then': '`CLAIM_UNKNOWN`, when another callback had been handled',
} as const satisfies Partial<Record<Resolution, string>>

/** Counts calls that are unknown, and how each was found out. */
export class Unknowns {
  readonly #resolved = new Map<Resolution, number>()
  /** How many calls of an order wait for the next callback to find out. */
  readonly #open = new Map<string, number>()
  readonly #handled = new Set<string>()
  #total = 0

  /** How many calls lost an answer. */
  get total(): number {
    return this.#total
  }

  /** Calls that nobody found out about. */
  get left(): number {
    return this.#total - [...this.#resolved.values()].reduce((sum, times) => sum + times, 0)
  }

  times(resolution: Resolution): number {
    return this.#resolved.get(resolution) ?? 0
  }

  /** @param asked others are asked: {@link foundOut} tells what they found */
  answered(order: string, answer: Answer, asked: boolean): void {
    const { outcome, reply, unknown } = answer
    if (outcome === 'CLAIM_UNKNOWN') {
      this.#total += 1
      if (asked) return
      if (this.#handled.has(order)) this.#count('handled by then')
      else this.#open.set(order, (this.#open.get(order) ?? 0) + 1)
      return
    }
    if (unknown.length > 0) {
      this.#total += 1
      this.#count(`inside: ${found(answer)}`)
    }
    if (reply !== 'handled') return
    this.#handled.add(order)
    const later = outcome === 'claimed' ? 'callback: claimed' : 'callback: duplicate'
    for (let open = this.#open.get(order) ?? 0; open > 0; open -= 1) this.#count(later)
    this.#open.delete(order)
  }

  /** @param answers of all who were asked about one call */
  foundOut(answers: readonly Answer[]): void {
    const all = answers.map(found)
    const first = (['claimed', 'recovered', 'duplicate'] as const).find((each) => all.includes(each))
    if (first !== undefined) this.#count(`resolve: ${first}`)
  }

  #count(resolution: Resolution): void {
    this.#resolved.set(resolution, (this.#resolved.get(resolution) ?? 0) + 1)
  }
}

function found({ outcome, recovered }: Answer): 'recovered' | 'claimed' | 'duplicate' | 'otherwise' {
  if (outcome === 'claimed') return recovered ? 'recovered' : 'claimed'
  return outcome === 'duplicate' ? 'duplicate' : 'otherwise'
}
