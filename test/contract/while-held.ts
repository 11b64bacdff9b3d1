import type { Subject } from './subject.ts'

/** Runs something in a transaction of the caller's own, which then ends as it is told; rolled back where it failed. */
export async function whileBegun<T>(
  subject: Subject,
  run: (tx: unknown) => Promise<T>,
  end: 'commit' | 'rollback' = 'rollback',
): Promise<T> {
  const own = await subject.begin()
  let value: T
  try {
    value = await run(own.tx)
  } catch (error) {
    await own.rollback()
    throw error
  }
  await own[end]()
  return value
}

/** Runs something while a transaction of the caller's own, begun with one statement, is open; it is rolled back. */
export const whileHeld = <T>(subject: Subject, statement: string, run: () => Promise<T>): Promise<T> =>
  whileBegun(subject, async (tx) => {
    await subject.through(tx, statement)
    return await run()
  })
