import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { GatewaySimulator } from './gateway/simulator.ts'
import type { Secret } from './gateway/signature.ts'
import { openLottery } from './lottery/open-lottery.ts'
import type { LotteryOptions } from './lottery/open-lottery.ts'
import { createApp } from './shop/app.ts'
import { createOrderClaims } from './shop/claims.ts'
import type { OrderClaims } from './shop/claims.ts'
import type { ShopDatabase } from './shop/database.ts'
import type { Story } from './shop/shop.ts'

export interface ShopOptions {
  readonly database: ShopDatabase
  /** Default: 0, any free one. */
  readonly port?: number
  readonly story: Story
  /** Default: none. */
  readonly lottery?: LotteryOptions
  /** How the gateway calls. Default: each second, 10 times. */
  readonly pollMs?: number
  readonly maxPolls?: number
}

export interface RunningShop {
  readonly url: string
  readonly gateway: GatewaySimulator
  /** For those who want to forge a notification, or to sign one. */
  readonly secret: Secret
  /** The gateway stops calling and every call is answered when this resolves. The database stays open. */
  close(): Promise<void>
}

/** The shop and its gateway, in one process, which talk over HTTP as they would over the network. */
export async function startShop({ database, port = 0, story, lottery, ...polling }: ShopOptions): Promise<RunningShop> {
  const { db } = database
  const secret = randomBytes(32)
  const gateway = new GatewaySimulator(secret, polling)
  const orders = createOrderClaims(db)
  await warmUp(orders, database.connections)
  const opened = lottery === undefined ? null : await openLottery(db, lottery)
  let url = ''
  const app = createApp({ db, orders, gateway, secret, url: () => url, story, lottery: opened?.lottery ?? null })
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  try {
    url = `http://127.0.0.1:${await listen(server, port)}`
  } catch (error) {
    await opened?.close()
    throw error
  }
  return {
    url,
    gateway,
    secret,
    async close() {
      await gateway.stop()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await opened?.close()
    },
  }
}

/**
 * By claims of an order that there is not: opens every connection, and has the table described. Gateways hang up after
 * some seconds, so this is done before the first of them calls. Throws when the database is not what the shop needs.
 */
async function warmUp(orders: OrderClaims, connections: number): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => orders.claimOnce(0, { timeoutMs: 30_000 })))
}

/** On this machine only: whoever reaches the shop may create orders. */
async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}
