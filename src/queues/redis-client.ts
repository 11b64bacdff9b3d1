import { ClaimError } from '../errors.ts'

/** A client of node-redis: `createClient()`, `createClientPool()`. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  sendCommand(args: string[]): Promise<unknown>
}

/** A client of node-redis for a cluster: `createCluster()`. */
export interface NodeRedisCluster {
  readonly isOpen: boolean
  readonly masters: readonly unknown[]
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>
}

/** A client of node-redis that asks sentinels for the server: `createSentinel()`. */
export interface NodeRedisSentinel {
  readonly isOpen: boolean
  getSentinelNode(): unknown
  sendCommand(isReadonly: boolean, args: string[]): Promise<unknown>
}

/** A client of ioredis: `new Redis()`, `new Cluster()`. */
export interface IoRedisClient {
  call(command: string, args: string[]): Promise<unknown>
}

/** A client of the user's own, of either library. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel | IoRedisClient

/** Sends one command; `key` is the first of its keys, by which a cluster knows where to. */
export type Send = (key: string, command: string, args: readonly string[]) => Promise<unknown>

/** @throws {ClaimError} `CLAIM_CONFIG` where it is no client of either library */
export function senderOf(client: RedisClient): Send {
  if (isIoRedis(client)) {
    // In lower case and as `eval key…`, ioredis knows which arguments are keys: its `keyPrefix` goes before each of them.
    return async (_key, command, args) => client.call(command, [...args])
  }
  if (!isNodeRedis(client)) throw new ClaimError('CLAIM_CONFIG', WHAT_TO_PASS)
  if ('masters' in client) return async (key, command, args) => client.sendCommand(key, false, [command, ...args])
  if ('getSentinelNode' in client) return async (_key, command, args) => client.sendCommand(false, [command, ...args])
  return async (_key, command, args) => client.sendCommand([command, ...args])
}

const WHAT_TO_PASS =
  'redisQueue() takes a client of node-redis 5 or newer (createClient(), createClientPool(), createCluster(), createSentinel()) ' +
  'or of ioredis 5.1 or newer (new Redis(), new Cluster()): the client itself, no promise of it, no class, no pipeline and no legacy().'

/** Asked for first: ioredis has a `sendCommand` too, which takes something else. */
function isIoRedis(client: unknown): client is IoRedisClient {
  return hasMethod(client, 'call') && !('isPipeline' in client && client.isPipeline === true)
}

/** A transaction and the legacy client, which takes callbacks, have a `sendCommand` but are never open. */
function isNodeRedis(client: unknown): client is Exclude<RedisClient, IoRedisClient> {
  return hasMethod(client, 'sendCommand') && 'isOpen' in client
}

/** Of an object only: every class has a `call`. */
function hasMethod(value: unknown, name: string): value is object {
  return typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[name] === 'function'
}
