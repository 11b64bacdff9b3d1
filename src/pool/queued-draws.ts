import { ClaimError } from '../errors.ts'
import { MOST_AT_ONCE } from './check-pool-config.ts'
import type { BoundedQueue } from './bounded-queue.ts'
import type { Candidates, DrawAnswer, DrawRequest } from './draw-call.ts'
import type { FallbackReason } from './pool-events.ts'

/** How often candidates that turn out not to be free are replaced by others before the table is asked. */
const ROUNDS = 8

/** Draws for these requests: from the candidates given, or with `null` from the table. */
export type DrawFrom = (
  requests: readonly DrawRequest[],
  candidates: Candidates | null,
) => Promise<readonly DrawAnswer[]>

/**
 * Draws from a queue; the table stays the truth.
 *
 * 1. As many candidates are popped as items are asked for, before a connection to the database is taken.
 * 2. The guarded UPDATE takes them, as any draw does: a candidate that is not free is passed over.
 * 3. What was not used is put back: the owner had his item already, or the transaction was rolled back.
 * 4. The queue is empty, does not answer, or names what is not free: the table is asked instead.
 *
 * If the process dies in between: the candidates are free in the table, and in no queue until the next refill.
 */
export async function drawFromQueue(
  requests: readonly DrawRequest[],
  queue: BoundedQueue,
  list: string,
  drawFrom: DrawFrom,
  fallback: (reason: FallbackReason, error: unknown) => void,
): Promise<readonly DrawAnswer[]> {
  const answers: DrawAnswer[] = requests.map(() => ({ is: 'missed' }))
  const open = (): number[] => answers.flatMap(({ is }, index) => (is === 'missed' ? [index] : []))
  const draw = async (indices: readonly number[], candidates: Candidates | null): Promise<void> => {
    const drawn = await drawFrom(pick(requests, indices), candidates)
    indices.forEach((index, place) => (answers[index] = drawn[place] ?? { is: 'missed' }))
  }

  let reason: FallbackReason = 'stale'
  let cause: unknown
  for (let round = 0; round < ROUNDS && open().length > 0; round += 1) {
    const indices = open()
    const wanted = pick(requests, indices).reduce((sum, { count }) => sum + count, 0)
    // A queue that names what is not free does so many times: twice as many are popped each time.
    const count = Math.max(wanted, Math.min(MOST_AT_ONCE, wanted * 2 ** round))
    const popped = await queue.pop(list, count)
    if (popped.is === 'down') {
      reason = 'down'
      cause = popped.error
      break
    }
    const { ids } = popped
    if (ids.length > 0) await fromCandidates(ids, (candidates) => draw(indices, candidates), queue, list)
    if (ids.length < count) {
      reason = 'empty'
      break
    }
  }
  const rest = open()
  if (rest.length === 0) return answers
  fallback(reason, cause)
  await draw(rest, null)
  return answers
}

async function fromCandidates(
  ids: readonly string[],
  draw: (candidates: Candidates) => Promise<void>,
  queue: BoundedQueue,
  list: string,
): Promise<void> {
  const candidates: Candidates = { ids, left: ids }
  try {
    await draw(candidates)
    queue.giveBack(list, candidates.left)
  } catch (error) {
    // Nothing of it stands, so they are free. Of what nobody knows, the next refill does.
    const unknown = error instanceof ClaimError && error.code === 'CLAIM_UNKNOWN'
    if (!unknown) queue.giveBack(list, ids)
    throw error
  }
}

const pick = (requests: readonly DrawRequest[], indices: readonly number[]): DrawRequest[] =>
  requests.filter((_request, index) => indices.includes(index))
