import type { ServerLane } from './server-lane.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What the global setup provides; `inject('lanes')` in a test that imports this file. */
    lanes: readonly ServerLane[]
  }
}

export type { ServerLane } from './server-lane.ts'
