import { registerHooks } from 'node:module'

// The machine of a program that has installed none of the optional drivers.
const missing = ['better-sqlite3', 'kysely', 'mysql2']
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (missing.some((name) => specifier === name || specifier.startsWith(`${name}/`))) {
      throw new Error(`Cannot find package '${specifier}'`)
    }
    return nextResolve(specifier, context)
  },
})

const refused: string[] = []
for (const name of missing) await import(name).catch(() => refused.push(name))

const { DatabaseSync } = await import('node:sqlite')
const { createClaims } = await import('../../../src/index.ts')
const { sqlite } = await import('../../../src/adapters/sqlite.ts')
const { ORDERS } = await import('../../support/orders.ts')

const [file, id] = process.argv.slice(2)
const db = new DatabaseSync(file!)
const { outcome } = await createClaims({ database: sqlite(db), ...ORDERS.config }).claimOnce(Number(id), {
  effect: (tx) => {
    tx.prepare('insert into ledger (order_id, amount) values (?, 42)').run(Number(id))
  },
})
db.close()
process.stdout.write(JSON.stringify({ outcome, refused }))
