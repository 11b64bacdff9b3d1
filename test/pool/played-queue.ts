import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'

/** A queue that a test plays: lists in memory, everything that is asked of it, and faults. */
export class PlayedQueue implements CandidateQueue {
  readonly lists = new Map<string, string[]>()
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
    return this.#list(list).splice(0, count)
  }

  async push(list: string, ids: readonly string[]): Promise<void> {
    this.pushes.push(ids)
    this.#list(list).push(...ids)
    return Promise.resolve()
  }

  async replace(list: string, pages: AsyncIterable<readonly string[]>): Promise<number> {
    const all: string[] = []
    for await (const page of pages) all.push(...page)
    this.lists.set(list, all)
    return all.length
  }

  /** Of the one list that there is. */
  get only(): string[] {
    const [[, list] = [undefined, []]] = this.lists
    return list
  }

  #list(name: string): string[] {
    const known = this.lists.get(name)
    if (known !== undefined) return known
    const list: string[] = []
    this.lists.set(name, list)
    return list
  }
}
