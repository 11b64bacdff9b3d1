import type { Session } from './adapters/adapter.ts'
import { attempt } from './attempt.ts'
import { StatementFailure } from './failure.ts'
import type { AttemptEnd, Call, Need } from './call.ts'
import type { Deadline } from './deadline.ts'
import { Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import { runAtOnce, runLater } from './steps.ts'

/** How long putting a connection in order may take before it is closed instead, in milliseconds. */
const CLEANUP_MS = 500

/** Runs one attempt on a session: in one go where the driver answers at once, else step by step, within the time. */
export async function runAttempt<Result>(
  call: Call<Result>,
  session: Session<unknown>,
  number: number,
  lockTimeoutMs: number | null,
): Promise<AttemptEnd<Result>> {
  const steps = attempt(call, session, number, lockTimeoutMs)
  return call.adapter.synchronous
    ? runAtOnce(steps, (need) => meetAtOnce(need, session, call.deadline))
    : await runLater(steps, (need) => meet(need, session, call.deadline))
}

async function meet(need: Need, session: Session<unknown>, deadline: Deadline): Promise<unknown> {
  if ('settle' in need) {
    await deadline.race(need.settle.settle())
    return undefined
  }
  if ('effect' in need) {
    deadline.check()
    return await deadline.race(Promise.resolve(need.effect()))
  }
  const { statement, phase } = need
  if (phase === 'cleanup') return await withLimit(Promise.resolve(session.send(statement)))
  deadline.check()
  try {
    const reply = session.send(statement)
    return reply instanceof Promise ? await deadline.race(reply) : reply
  } catch (error) {
    throw new StatementFailure(phase, error)
  }
}

function meetAtOnce(need: Need, session: Session<unknown>, deadline: Deadline): unknown {
  if ('settle' in need) {
    need.settle.settleAtOnce()
    return undefined
  }
  if ('effect' in need) {
    deadline.check()
    return refuseThenable(need.effect())
  }
  const { statement, phase } = need
  if (phase !== 'cleanup') deadline.check()
  try {
    return session.send(statement)
  } catch (error) {
    throw new StatementFailure(phase, error)
  }
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
