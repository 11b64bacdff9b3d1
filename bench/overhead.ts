import { createPool } from 'mysql2/promise'
import type { Pool } from 'mysql2/promise'
import { createClaims } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import { startServers } from '../test/support/servers/index.ts'

/**
 * What `claimOnce` costs beside the same statement written by hand: conditional, no effect, no lock bound of its own,
 * a pool of 32, 64 claims in flight. The two take turns in one run, each block on fresh orders, and the median of the
 * blocks' ratios counts: the machine may be busy with other things, but then for both.
 *
 *     npm run bench               fails where claimOnce makes less than 0.90 of the claims a second
 *     npm run bench -- --quick    fewer blocks; fails below 0.75, for machines that are shared
 */
const quick = process.argv.includes('--quick')
const BLOCKS = quick ? 10 : 40
const LEAST = quick ? 0.75 : 0.9
const ORDERS = 2000
const POOL = 32
const IN_FLIGHT = 64

type ClaimOne = (id: number) => Promise<unknown>

async function main(url: string): Promise<number> {
  const pool = createPool({ uri: url, connectionLimit: POOL })
  await pool.query('drop table if exists claim_once_bench')
  await pool.query(
    'create table claim_once_bench (id int auto_increment primary key, status varchar(10) not null) default charset utf8mb4',
  )
  const { claimOnce } = createClaims({
    database: mysql(pool),
    table: 'claim_once_bench',
    columns: { id: 'id', status: 'status' },
    states: { waiting: 'Wait', claimed: 'Y' },
  })
  const bare: ClaimOne = (id) => claimOnce(id, { lockTimeoutMs: 'server' })
  await pool.query("insert into claim_once_bench (id, status) values (1, 'Y')")
  const [sql, look] = await statementsOf(pool, () => bare(1))
  const byHand: ClaimOne = (id) => pool.execute(sql, ['Y', String(id), String(id), 'Wait', 'Wait'])
  const laterByHand: ClaimOne = async (id) => {
    await byHand(id)
    await pool.execute(look, [String(id), String(id)])
  }
  const bounded: ClaimOne = (id) => claimOnce(id)

  console.log(`The statement:\n\n${sql}\n`)
  const ratio = await compare(pool, 'claimOnce, the lock wait left to the server', byHand, bare)
  await compare(pool, 'claimOnce, as it is by default', byHand, bounded)
  await compare(pool, 'a later callback, beside the UPDATE and the read by hand', laterByHand, bare, 'Y')
  await pool.query('drop table claim_once_bench')
  await pool.end()
  const enough = ratio >= LEAST
  console.log(`\n${enough ? 'Enough' : 'NOT ENOUGH'}: ${ratio.toFixed(2)} of by hand, at least ${LEAST} is wanted.`)
  return enough ? 0 : 1
}

/** The very texts that claimOnce sends: taken from the prepared statements of the connection that they were sent on. */
async function statementsOf(pool: Pool, claim: () => Promise<unknown>): Promise<readonly [string, string]> {
  await claim()
  const connection = await pool.getConnection() // the one given back last
  const { _statements: prepared } = connection.connection as unknown as { _statements: { keys(): Iterable<string> } }
  connection.release()
  const sent = (verb: string): string => {
    const key = Array.from(prepared.keys()).find(
      (text) => text.includes(`${verb} `) && text.includes('claim_once_bench'),
    )
    if (key === undefined) throw new Error(`claimOnce sent no ${verb}.`)
    return key.slice(key.indexOf(`${verb} `))
  }
  return [sent('update'), sent('select')]
}

async function compare(pool: Pool, name: string, byHand: ClaimOne, claim: ClaimOne, status = 'Wait'): Promise<number> {
  for (let block = 0; block < 3; block += 1) {
    await perSecond(pool, byHand, status)
    await perSecond(pool, claim, status)
  }
  const rates: { hand: number; ours: number }[] = []
  for (let block = 0; block < BLOCKS; block += 1) {
    // Who comes first in a pair takes turns, too.
    const first = await perSecond(pool, block % 2 === 0 ? byHand : claim, status)
    const second = await perSecond(pool, block % 2 === 0 ? claim : byHand, status)
    rates.push(block % 2 === 0 ? { hand: first, ours: second } : { hand: second, ours: first })
  }
  const ratio = median(rates.map(({ hand, ours }) => ours / hand))
  const [hand, ours] = [median(rates.map((rate) => rate.hand)), median(rates.map((rate) => rate.ours))]
  console.log(`${name}: ${ours.toFixed(0)} claims a second, by hand ${hand.toFixed(0)}, ratio ${ratio.toFixed(3)}`)
  return ratio
}

async function perSecond(pool: Pool, claim: ClaimOne, status: string): Promise<number> {
  await pool.query('truncate claim_once_bench')
  const values = Array.from({ length: ORDERS }, () => `('${status}')`).join(', ')
  await pool.query(`insert into claim_once_bench (status) values ${values}`)
  let next = 1
  const start = performance.now()
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next <= ORDERS) await claim(next++)
    }),
  )
  const seconds = (performance.now() - start) / 1000
  const [rows] = await pool.query("select count(*) as n from claim_once_bench where status = 'Y'")
  if (Number((rows as { n: number }[])[0]?.n) !== ORDERS) throw new Error('Not every order was claimed.')
  return ORDERS / seconds
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const given = process.env['DATABASE_URL']
if (given !== undefined) process.exit(await main(given))
const { lanes, stop } = await startServers(['mariadb-10.11'])
try {
  const server = lanes[0]?.server
  if (server?.available !== true) throw new Error(server?.reason ?? 'There is no MariaDB.')
  console.log(
    `MariaDB ${server.version}, pool ${POOL}, ${IN_FLIGHT} in flight, ${BLOCKS} pairs of blocks of ${ORDERS}\n`,
  )
  process.exitCode = await main(server.url)
} finally {
  await stop()
}
