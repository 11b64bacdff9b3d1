import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'

/** A queue of candidates in this process: popped at its head, pushed at its end. */
export function memoryQueue(): CandidateQueue & { readonly lists: Map<string, string[]> } {
  const lists = new Map<string, string[]>()
  return {
    lists,
    pop: async (list, count) => (lists.get(list) ?? []).splice(0, count),
    push: async (list, ids) => void lists.set(list, [...(lists.get(list) ?? []), ...ids]),
    replace: async (list, pages) => {
      const all: string[] = []
      for await (const page of pages) all.push(...page)
      lists.set(list, all)
      return all.length
    },
  }
}
