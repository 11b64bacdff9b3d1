import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { DriverName, Rows, Sql } from './driver.ts'

/** A connection to the file in a process of its own, as another program has it. */
export interface Remote {
  run(...statement: Sql): Promise<Rows>
  close(): Promise<void>
}

interface Answer {
  readonly rows?: Rows
  readonly error?: string
}

export async function openRemote(file: string, driver: DriverName = 'better-sqlite3'): Promise<Remote> {
  const child = fork(join(import.meta.dirname, 'remote-process.ts'), [file, driver])
  await answerOf(child)
  return {
    async run(...statement) {
      child.send(statement)
      const { rows, error } = await answerOf(child)
      if (error !== undefined) throw new Error(error)
      return rows ?? []
    },
    async close() {
      child.disconnect()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  const died = once(child, 'exit').then(() => {
    throw new Error('The other process died.')
  })
  died.catch(() => {})
  const [answer] = (await Promise.race([once(child, 'message'), died])) as [Answer]
  return answer
}
