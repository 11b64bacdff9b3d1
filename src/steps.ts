/**
 * An algorithm that names what it needs, one thing at a time, and is told the answer: the same text runs over drivers
 * that answer at once and over drivers that answer later. A generator also has a place between any two steps where a
 * bound can be checked.
 */
export type Steps<Need, Result> = Generator<Need, Result, unknown>

/** Runs the steps over answers that come later. */
export async function runLater<Need, Result>(
  steps: Steps<Need, Result>,
  answer: (need: Need) => unknown,
): Promise<Result> {
  let step = steps.next()
  while (step.done !== true) {
    let value: unknown
    try {
      value = await answer(step.value)
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(value)
  }
  return step.value
}

/** Runs the steps over answers that come at once: nothing else runs in between, not even a microtask. */
export function runAtOnce<Need, Result>(steps: Steps<Need, Result>, answer: (need: Need) => unknown): Result {
  let step = steps.next()
  while (step.done !== true) {
    let value: unknown
    try {
      value = answer(step.value)
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(value)
  }
  return step.value
}
