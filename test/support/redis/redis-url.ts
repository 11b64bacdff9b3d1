import { inject } from 'vitest'
import '../servers/provided-lanes.ts'

/** Of the Redis that all tests share. They use names of their own in it, and never take it down. */
export function redisUrl(): string {
  const { server } = inject('redis')
  if (!server.available) throw new Error(`There is no Redis for this test: ${server.reason}`)
  return server.url
}
