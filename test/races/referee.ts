import type { Answer, Finish } from './contest.ts'
import type { Witness } from './race-shop.ts'
import { STRATEGIES } from '../../src/config.ts'

/** One race, when it is over. */
export interface Round {
  readonly title: string
  readonly number: number
  readonly orderId: number
  readonly withEffect: boolean
  readonly balanceBefore: number
  readonly finish: Finish
  readonly witness: Witness
}

const AMOUNT = 42
const ORDINARY = ['claimed', 'duplicate', 'busy', 'edited']

/** What is wrong with a round; nothing, where exactly one call has won and its effect took place exactly once. */
export function violations({ withEffect, balanceBefore, finish, witness }: Round): string[] {
  const { answers } = finish
  const winners = answers.filter(({ outcome }) => outcome === 'claimed')
  const faults = answers.filter(({ outcome }) => !ORDINARY.includes(outcome))
  const edits = answers.filter(({ outcome }) => outcome === 'edited').length
  const counted = winners.filter(({ caller }) => STRATEGIES.some((strategy) => strategy === caller)).length
  const effects = withEffect ? 1 : 0
  const found: string[] = []
  const demand = (what: string, wanted: string | number, is: string | number): void => {
    if (is !== wanted) found.push(`${what}: ${is}, not ${wanted}`)
  }
  demand('calls that claimed', 1, winners.length)
  demand('calls that failed', 0, faults.length)
  demand('status', 'Y', witness.status)
  if (witness.version !== null) demand('version', edits + Math.min(1, counted), witness.version)
  demand('ledger entries', effects, witness.entries)
  demand('credited', effects * AMOUNT, witness.balance - balanceBefore)
  demand('status of an order nobody called', 'Wait', witness.bystander)
  return found
}

/** Everything there is to know of a round that went wrong. */
export function story(round: Round, found: readonly string[]): string {
  const { title, number, orderId, withEffect, balanceBefore, finish, witness } = round
  const messages = new Set(finish.answers.flatMap(({ message }) => message ?? []))
  return [
    `${title}: round ${number}, order ${orderId}, ${withEffect ? 'with' : 'without'} effect`,
    ...found.map((violation) => `  ! ${violation}`),
    `  answers: ${counts(finish.answers.map(named))}`,
    ...[...messages].map((message) => `    ${message}`),
    `  tried again: ${counts(finish.retries) || 'never'}`,
    `  order: status ${witness.status}, version ${witness.version ?? 'of the server'}, ledger entries ${witness.entries}`,
    `  balance: ${balanceBefore} → ${witness.balance}`,
  ].join('\n')
}

const named = ({ caller, outcome }: Answer): string => `${caller} ${outcome}`

/** `duplicate 99, claimed 1` */
export function counts(things: Iterable<string>): string {
  const numbers = new Map<string, number>()
  for (const thing of things) numbers.set(thing, (numbers.get(thing) ?? 0) + 1)
  return [...numbers]
    .sort(([, a], [, b]) => b - a)
    .map(([thing, number]) => `${thing} ${number}`)
    .join(', ')
}
