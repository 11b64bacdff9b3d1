import type { HistoryEvent } from './event.ts'
import type { History } from './history.ts'

/** One event as a line of text, for a file that several processes append to, or for a message to another process. */
export const toLine = (event: HistoryEvent): string => `${JSON.stringify(event)}\n`

/**
 * Reads the events of {@link toLine}. A last line that breaks off, because its process was killed as it wrote it, is left
 * out.
 *
 * @throws {SyntaxError} where another line is no event
 */
export function fromLines(text: string): HistoryEvent[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const events = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as HistoryEvent)
  try {
    return last === '' ? events : [...events, JSON.parse(last) as HistoryEvent]
  } catch {
    return events
  }
}

/** The histories of several processes as one, in the order of time. */
export function mergeHistories(...histories: readonly (History | readonly HistoryEvent[])[]): HistoryEvent[] {
  const events = histories.flatMap((history) => ('events' in history ? history.events : history))
  return events.sort((a, b) => {
    if (a.at !== b.at) return a.at - b.at
    return a.process === b.process ? a.number - b.number : a.process < b.process ? -1 : 1
  })
}
