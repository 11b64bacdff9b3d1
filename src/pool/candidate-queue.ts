/**
 * Where candidates come from, beside the table. The table stays the truth: a candidate that is not free is passed over, and
 * one that is queued twice goes to one owner.
 */
export interface CandidateQueue {
  /** Takes up to so many candidates off a list. */
  pop(list: string, count: number): Promise<readonly string[]>
  /** Puts candidates back that were taken off and not used. */
  push(list: string, ids: readonly string[]): Promise<void>
  /** Puts these in the place of whatever the list holds, at once; nobody sees a part of them. Answers how many. */
  replace(list: string, pages: AsyncIterable<readonly string[]>): Promise<number>
}
