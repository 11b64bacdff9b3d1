import type { HistoryEvent } from './event.ts'

/** Something that was done at some instant between two that are known. */
export interface Deed {
  /** The event that shows it. */
  readonly event: HistoryEvent
  /** Not before this time (as `at`). */
  readonly from: number
  /** Not after it; `Infinity` where nobody was told. */
  readonly to: number
}

/** Whether `first` was done before `second`, whatever the clocks of two processes differ by. */
export const certainlyBefore = (first: Deed, second: Deed, skewMs: number): boolean =>
  first.to + (first.event.process === second.event.process ? 0 : skewMs) < second.from
