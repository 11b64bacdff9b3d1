import type { Settings } from './settings.ts'

/** What the pools of the package must reach; machines that are shared are given more room. */
export interface Bounds {
  /** Of the cards a second that the same statements give by hand. */
  readonly ofByHand: number
  /** Times as many cards a second as the best draw of one card by hand. */
  readonly together: number
  /** Of the cards a second of a pool that nobody has drawn from, where nearly all cards are taken. */
  readonly ofUntouched: number
}

export const boundsOf = ({ quick }: Settings): Bounds =>
  quick ? { ofByHand: 0.4, together: 2, ofUntouched: 0.4 } : { ofByHand: 0.9, together: 5, ofUntouched: 0.8 }

export interface Target {
  readonly what: string
  readonly measured: number
  /** At least so much is wanted, or at most. */
  readonly least?: number
  readonly most?: number
}

export const isMet = ({ measured, least = -Infinity, most = Infinity }: Target): boolean =>
  measured >= least && measured <= most

export function shownTarget(target: Target): string {
  const { what, measured, least, most } = target
  const wanted = least === undefined ? `at most ${shown(most)}` : `at least ${shown(least)}`
  return `${isMet(target) ? 'met' : 'MISSED'}: ${what}: ${shown(measured)} (${wanted})`
}

const shown = (value = NaN): string => String(Number(value.toFixed(2)))
