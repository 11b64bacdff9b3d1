import type { Steps } from '../../steps.ts'

/**
 * Runs steps at once as long as they are answered at once, and from the first promise on by promises: a driver that
 * answers at once does so with a fault in between, too.
 */
export function runAsItAnswers<Result>(steps: Steps<() => unknown, Result>): Result | Promise<Result> {
  let step = steps.next()
  while (step.done !== true) {
    let answer: unknown
    try {
      answer = step.value()
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    if (answer instanceof Promise) return goOn(steps, answer)
    step = steps.next(answer)
  }
  return step.value
}

async function goOn<Result>(steps: Steps<() => unknown, Result>, answer: Promise<unknown>): Promise<Result> {
  const next = async (pending: () => unknown): Promise<IteratorResult<() => unknown, Result>> => {
    let value: unknown
    try {
      value = await pending()
    } catch (error) {
      return steps.throw(error)
    }
    return steps.next(value)
  }
  let step = await next(() => answer)
  while (step.done !== true) step = await next(step.value)
  return step.value
}
