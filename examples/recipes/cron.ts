/**
 * Deliver later, when somebody else says when: one run of `drain` over what is due, which ends when nothing is due any more.
 * Two runs at once do no harm, so no lock keeps the next one from starting: each order is leased to one of them.
 *
 * As a job of cron, every minute:
 *
 *     npm install claim-once kysely mysql2
 *     * * * * * DATABASE_URL=mysql://… node /srv/shop/cron.ts
 *
 * As a task of a job runner that calls `(payload, helpers) => …`, as graphile-worker does, with this in its crontab; the
 * next run comes anyway, so it need not try one again:
 *
 *     * * * * * deliver ?max=1
 *
 *     await run({ connectionString, crontabFile, taskList: { deliver: deliverTask(ordersOf(db)) } })
 */
import type { DrainResult } from 'claim-once'
import { openShop, ordersOf, recharge } from './shop.ts'
import type { Orders } from './shop.ts'

/** What is asked of the helpers of a job runner. */
export interface TaskHelpers {
  readonly logger: { readonly info: (message: string) => void }
  /** Fires when the runner is to stop: what was taken and not begun is given back. */
  readonly abortSignal?: AbortSignal | undefined
}

/** Works off what is due, and returns what it did. */
export const deliverDue = (orders: Orders, signal?: AbortSignal): Promise<DrainResult> =>
  orders.drain(
    { read: ['account_id', 'amount'], effect: recharge },
    { concurrency: 4, batchSize: 20, ...(signal && { signal }) },
  )

/** Throws where the database is away, so that the runner shows it. An order that fails is no failure of the run. */
export const deliverTask =
  (orders: Orders) =>
  async (_payload: unknown, { logger, abortSignal }: TaskHelpers): Promise<void> => {
    logger.info(shown(await deliverDue(orders, abortSignal)))
  }

const shown = ({ outcome, done, failed, dead, left }: DrainResult): string =>
  `${outcome}: ${done} delivered, ${failed} to be tried again, ${dead} for a person to look at, ${left} left`

if (process.argv[1] === import.meta.filename) {
  const db = openShop(process.env['DATABASE_URL'] ?? '', 5)
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  try {
    console.log(shown(await deliverDue(ordersOf(db), stop.signal)))
  } finally {
    await db.destroy()
  }
}
