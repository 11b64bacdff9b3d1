import type { Lend, RunBatch } from '../../support/mssql-pool.ts'

const credit = (orderId: number): string => `
update a set balance = a.balance + o.amount
from accounts a join orders o on o.account_id = a.id
where o.order_id = ${orderId};
insert into ledger (order_id, amount) select order_id, amount from orders where order_id = ${orderId}`

/** As a careful shop has it, without this package: a look, and a guarded UPDATE. It leaves the version alone. */
export function guardedByHand(lend: Lend, orderId: number, withEffect: boolean): Promise<string> {
  return onConnection(lend, async (run) => {
    if ((await statusOf(run, orderId)) !== 'Wait') return 'duplicate'
    await run('begin transaction')
    const changed = await run(`
set nocount on;
update orders set status = 'Y' where order_id = ${orderId} and status = 'Wait';
select @@rowcount as changed`)
    const won = Number(changed[0]?.['changed']) === 1
    if (won && withEffect) await run(credit(orderId))
    await run('commit transaction')
    return won ? 'claimed' : 'duplicate'
  })
}

export function editOrder(lend: Lend, orderId: number): Promise<string> {
  return onConnection(lend, async (run) => {
    await run('begin transaction')
    await run(
      `update orders set note = cast(newid() as char(36)), row_version = row_version + 1 where order_id = ${orderId}`,
    )
    await run('commit transaction')
    return 'edited'
  })
}

/** Two callbacks in the same instant both see `Wait`. */
export async function naive(lend: Lend, orderId: number): Promise<string> {
  if ((await lend((run) => statusOf(run, orderId))) !== 'Wait') return 'duplicate'
  await lend((run) => run(credit(orderId)))
  await lend((run) => run(`update orders set status = 'Y' where order_id = ${orderId}`))
  return 'claimed'
}

async function statusOf(run: RunBatch, orderId: number): Promise<unknown> {
  return (await run(`select status from orders where order_id = ${orderId}`))[0]?.['status']
}

/** A deadlock, and a change since the snapshot: the server says itself that the transaction did not happen. */
const ROLLED_BACK = [1205, 3960]

function onConnection(lend: Lend, work: (run: RunBatch) => Promise<string>): Promise<string> {
  return lend(async (run) => {
    try {
      return await work(run)
    } catch (error) {
      if (ROLLED_BACK.includes((error as { readonly number?: number }).number ?? 0)) return 'busy'
      throw error
    } finally {
      await run('if @@trancount > 0 rollback transaction')
    }
  })
}
