import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { freePort } from '../servers/free-port.ts'
import type { PrivateServer } from '../servers/private-server.ts'
import { until } from '../until.ts'
import { startRedis } from './start-redis.ts'

const SLOTS = 16_384

export interface RedisCluster {
  /** Of its two servers, each with half of the slots. */
  readonly urls: readonly [string, string]
  readonly stop: () => Promise<void>
}

interface Node {
  readonly server: PrivateServer
  readonly busPort: number
}

/** A cluster of two, without replicas. */
export async function startCluster(): Promise<RedisCluster> {
  // Of both servers: a client has one for all of a cluster.
  const password = randomBytes(12).toString('hex')
  const [first, second] = await Promise.all([startNode(password), startNode(password)])
  const stop = async (): Promise<void> => {
    await Promise.all([first.server.stop(), second.server.stop()])
  }
  try {
    await join(first, second)
  } catch (error) {
    await stop()
    throw error
  }
  return { urls: [first.server.url, second.server.url], stop }
}

async function startNode(requirepass: string): Promise<Node> {
  const busPort = await freePort()
  const settings = { requirepass, 'cluster-enabled': 'yes', 'cluster-port': String(busPort) }
  return { server: await startRedis(settings), busPort }
}

async function join(first: Node, second: Node): Promise<void> {
  const clients = [first, second].map(({ server }) => new Redis(server.url))
  try {
    const [one, other] = clients
    await one!.cluster('ADDSLOTSRANGE', 0, SLOTS / 2 - 1)
    await other!.cluster('ADDSLOTSRANGE', SLOTS / 2, SLOTS - 1)
    await one!.call('CLUSTER', ['MEET', '127.0.0.1', new URL(second.server.url).port, String(second.busPort)])
    const whole = async (): Promise<boolean> => {
      const states = await Promise.all(clients.map((client) => client.cluster('INFO')))
      return states.every((state) => state.includes('cluster_state:ok') && state.includes(`cluster_size:2`))
    }
    await until(whole, 'the two servers are one cluster', 30_000)
  } finally {
    for (const client of clients) client.disconnect()
  }
}
