import { setTimeout as pause } from 'node:timers/promises'
import type { Assignment, Report } from './claimer.ts'
import { book } from './script.ts'
import { wayNamed } from './ways.ts'

// One process of a race: claims all its orders at once when it is told to, and reports.
const { file, way: name, ids } = JSON.parse(process.argv[2]!) as Assignment
const way = wayNamed(name)
const claims = way.open(file)
const strategies = ['optimistic', 'conditional', 'pessimistic'] as const

process.on('message', () => {
  void run().then((report) => process.send!(report))
})
process.send!('ready')

async function run(): Promise<Report> {
  const settled = await Promise.allSettled(
    ids.map((id, index) =>
      claims.claimOnce(id, {
        timeoutMs: 25_000,
        strategy: strategies[index % 3]!,
        read: ['account_id'],
        ...(way.shared
          ? { script: () => book(id) }
          : {
              effect: async (tx, order) => {
                await claims.query(tx, ['insert into ledger (order_id, amount) values (?, 42)', id])
                await pause(1)
                const account = (order as { account_id: number }).account_id
                await claims.query(tx, ['update accounts set balance = balance + 42 where id = ?', account])
              },
            }),
      }),
    ),
  )
  return {
    outcomes: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.outcome] : [])),
    errors: settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
  }
}
