import type { Subject } from './subject.ts'

/** Runs something while a transaction of the caller's own, begun with one statement, is open; it is rolled back. */
export async function whileHeld<T>(subject: Subject, statement: string, run: () => Promise<T>): Promise<T> {
  const holder = await subject.begin()
  try {
    await subject.through(holder.tx, statement)
    return await run()
  } finally {
    await holder.rollback()
  }
}
