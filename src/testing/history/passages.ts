import { certainlyBefore } from './deed.ts'
import type { Deed } from './deed.ts'
import type { OrderStory } from './order-story.ts'

type Kind = 'leaves' | 'returns' | 'may return'

interface Step extends Deed {
  readonly kind: Kind
}

/**
 * Whether there is any order of events in which each claim (or move) found the order waiting.
 *
 * Each was done at some instant between its start and its answer. It is looked for, one after the other: next can be
 * whatever no other certain event was certainly before. If every way leads to a claim of an order that does not wait,
 * there is no explanation but that two claims have won one passage.
 */
export function canHaveHappened(story: OrderStory, skewMs: number): boolean {
  const leaving = [...story.claims, ...story.moves]
  const returning = [...story.resets, ...story.possibleResets]
  // Also the short cut: without it a broken claim with a hundred winners would be looked at in every order.
  if (leaving.length > returning.length + 1) return false
  const steps: readonly Step[] = [
    ...leaving.map((deed): Step => ({ ...deed, kind: 'leaves' })),
    ...story.resets.map((deed): Step => ({ ...deed, kind: 'returns' })),
    ...story.possibleResets.map((deed): Step => ({ ...deed, kind: 'may return' })),
  ]
  const tried = new Set<string>()
  const search = (done: ReadonlySet<Step>, waiting: boolean): boolean => {
    const left = steps.filter((step) => !done.has(step))
    if (left.every(({ kind }) => kind !== 'leaves')) return true
    const state = `${waiting} ${left.map((step) => steps.indexOf(step)).join(' ')}`
    if (tried.has(state)) return false
    tried.add(state)
    return left
      .filter((step) => step.kind !== 'leaves' || waiting)
      .filter((step) => !left.some((other) => other !== step && certainlyBefore(other, step, skewMs)))
      .some((step) => search(new Set([...done, step]), step.kind !== 'leaves'))
  }
  return search(new Set(), true)
}
