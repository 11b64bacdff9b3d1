import type { Subject } from '../../contract/subject.ts'

/** Every session of the pool is one that does not commit by itself. */
export const withoutAutocommit = (adapter: Subject['adapter']): Subject['adapter'] => ({
  ...adapter,
  async open(waiting) {
    const session = await adapter.open(waiting)
    await session.send({ sql: 'set autocommit = 0', parameters: [] })
    return session
  },
})
