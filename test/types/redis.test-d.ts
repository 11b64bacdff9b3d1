import type { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import type { RedisClientType, RedisClusterType } from 'redis'
import { expectTypeOf } from 'vitest'
import { redisQueue } from '../../src/queues/redis.ts'
import type { CandidateQueue } from '../../src/queues/redis.ts'

declare const io: Redis
declare const ioCluster: Cluster
declare const named: RedisClientType
declare const namedCluster: RedisClusterType

// The clients of both libraries fit as they are, also those that were told of RESP 3, of modules and of other types.
expectTypeOf(redisQueue(io)).toEqualTypeOf<CandidateQueue>()
expectTypeOf(redisQueue(ioCluster, { prefix: 'lottery' })).toEqualTypeOf<CandidateQueue>()
expectTypeOf(redisQueue(createClient())).toEqualTypeOf<CandidateQueue>()
redisQueue(createClient({ RESP: 3 }))
redisQueue(createClient({ RESP: 2 }).withTypeMapping({ 36: Buffer }))
redisQueue(createClientPool())
redisQueue(createCluster({ rootNodes: [] }))
redisQueue(createSentinel({ name: 'shop', sentinelRootNodes: [] }))
redisQueue(named)
redisQueue(namedCluster)
redisQueue(await createClient().connect())

// @ts-expect-error -- a promise of one is none
redisQueue(createClient().connect())
// @ts-expect-error -- a URL is none
redisQueue('redis://127.0.0.1')
// @ts-expect-error -- the class is none
redisQueue(Set)
// @ts-expect-error -- there is no such option
redisQueue(io, { keyPrefix: 'lottery' })
