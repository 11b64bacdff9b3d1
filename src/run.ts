import type { Session } from './adapters/adapter.ts'
import { attempt } from './attempt.ts'
import type { AttemptEnd, CallBase, Need } from './call.ts'
import type { Deadline } from './deadline.ts'
import { Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import { runAtOnce, runLater } from './steps.ts'

/** How long putting a connection in order may take before it is closed instead, in milliseconds. */
const CLEANUP_MS = 500

/** Runs one attempt on a session: in one go where the driver answers at once, else step by step, within the time. */
export function runAttempt<Result>(
  call: CallBase<Result>,
  session: Session<unknown>,
  number: number,
  lockTimeoutMs: number | null,
): AttemptEnd<Result> | Promise<AttemptEnd<Result>> {
  const steps = attempt(call, session, number, lockTimeoutMs)
  return call.adapter.synchronous
    ? runAtOnce(steps, (need) => meetAtOnce(need, session, call.deadline))
    : runLater(steps, (need) => meet(need, session, call.deadline))
}

function meet(need: Need, session: Session<unknown>, deadline: Deadline): unknown {
  if ('statement' in need) {
    const reply = session.send(need.statement)
    if (!(reply instanceof Promise)) return reply
    return need.phase === 'cleanup' ? withLimit(reply) : deadline.race(reply)
  }
  if ('settle' in need) return deadline.race(need.settle.settle())
  deadline.check()
  return deadline.race(Promise.resolve(need.effect()))
}

function meetAtOnce(need: Need, session: Session<unknown>, deadline: Deadline): unknown {
  if ('statement' in need) return session.send(need.statement)
  if ('settle' in need) {
    need.settle.settleAtOnce()
    return undefined
  }
  deadline.check()
  return refuseThenable(need.effect())
}

/** While an asynchronous effect waits, other code of the program would fall into its transaction. */
function refuseThenable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function')
    return value
  Promise.resolve(value).catch(() => {})
  throw new ClaimError(
    'CLAIM_EFFECT_MISUSE',
    'The effect is asynchronous, on a database handle that the whole program shares: whatever else ran meanwhile would ' +
      'have become a part of its transaction. It was rolled back, and the order waits. Make the effect synchronous, or ' +
      'give claim-once connections of its own: sqlite(() => new Database(file)).',
  )
}

async function withLimit(cleanup: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  cleanup.catch(() => {})
  try {
    return await Promise.race([
      cleanup,
      new Promise((_resolve, reject) => {
        timer = setTimeout(() => reject(new Interruption('timer')), CLEANUP_MS)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
