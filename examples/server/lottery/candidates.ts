import { once } from 'node:events'
import { redisQueue } from 'claim-once/redis'
import type { CandidateQueue } from 'claim-once'
import { createClient } from 'redis'

/** Where the strategy `queue` has its candidates from. */
export interface Candidates {
  readonly queue: CandidateQueue
  close(): void
}

/** How long the shop waits for Redis at its start. After that it begins without, and is connected when Redis is there. */
const PATIENCE_MS = 1000

/**
 * @param url of Redis: `redis://…`
 * @param prefix what the names of its lists begin with: two shops on one Redis need two
 * @param connected is called whenever Redis is there, or there again
 */
export async function openCandidates(url: string, prefix: string, connected: () => void): Promise<Candidates> {
  // Without an offline queue a command fails at once while there is no connection, and the table is asked.
  const client = createClient({ url, disableOfflineQueue: true })
  // It connects again by itself. What fails meanwhile is told where it fails: by the draws, and by the refill.
  client.on('error', () => {})
  client.on('ready', connected)
  const ready = once(client, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) })
  client.connect().catch(() => {})
  await ready.catch(() => {})
  return {
    queue: redisQueue(client, { prefix }),
    close: () => client.destroy(),
  }
}
