import type { ReportedServer, ServerLane } from './server-lane.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What the global setup provides; `inject('lanes')` in a test that imports this file. */
    lanes: readonly ServerLane[]
    /** The Redis that all tests share; `redisUrl()` is how to get at it. */
    redis: ReportedServer
  }
}

export type { ServerLane } from './server-lane.ts'
