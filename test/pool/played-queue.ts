import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'
import { memoryQueue } from './memory-queue.ts'

/** A queue that a test plays: lists in memory, everything that is asked of it, and faults. */
export class PlayedQueue implements CandidateQueue {
  readonly #memory = memoryQueue()
  readonly lists = this.#memory.lists
  readonly pops: number[] = []
  readonly pushes: (readonly string[])[] = []
  /** Instead of an answer to a pop. */
  fault: (() => Promise<never>) | undefined
  /** Before an answer to a pop. */
  wait: (() => Promise<unknown>) | undefined

  async pop(list: string, count: number): Promise<readonly string[]> {
    this.pops.push(count)
    if (this.fault !== undefined) return await this.fault()
    if (this.wait !== undefined) await this.wait()
    return await this.#memory.pop(list, count)
  }

  async push(list: string, ids: readonly string[]): Promise<void> {
    this.pushes.push(ids)
    await this.#memory.push(list, ids)
  }

  async replace(list: string, pages: AsyncIterable<readonly string[]>): Promise<number> {
    return await this.#memory.replace(list, pages)
  }

  /** Of the one list that there is. */
  get only(): string[] {
    const [[, list] = [undefined, []]] = this.lists
    return list
  }
}
