import type { HistoryEvent } from './event.ts'
import type { Violation } from './violation.ts'

/** Above this the events that say least are left out. */
const MOST_LINES = 40

/**
 * A violation as text: what is wrong, and everything that is known of the order, one event a line, in milliseconds since
 * the first. The events by which it is a violation have a `!`.
 */
export function explain({ rule, message, events, evidence }: Violation): string {
  const first = events[0]
  if (first === undefined) return `${rule}: ${message}`
  const shown = chosen(events, evidence)
  const rows = shown.map(
    (event) => [(event.at - first.at).toFixed(1), who(event), describe(event), evidence.includes(event)] as const,
  )
  const widest = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length))
  const [timeWidth, whoWidth] = [widest(0), widest(1)]
  const lines: string[] = []
  let at = 0
  for (const [index, event] of shown.entries()) {
    const row = rows[index]
    if (row === undefined) continue
    const place = events.indexOf(event)
    if (place > at) lines.push(omitted(place - at, timeWidth))
    at = place + 1
    const [time, actor, text, isEvidence] = row
    lines.push(`  ${isEvidence ? '!' : ' '} ${time.padStart(timeWidth)} ms  ${actor.padEnd(whoWidth)}  ${text}`)
  }
  if (events.length > at) lines.push(omitted(events.length - at, timeWidth))
  return [`${rule}: ${message}`, ...lines].join('\n')
}

const omitted = (count: number, width: number): string =>
  `    ${'…'.padStart(width)}     ${count} event${count === 1 ? '' : 's'} left out`

function chosen(events: readonly HistoryEvent[], evidence: readonly HistoryEvent[]): readonly HistoryEvent[] {
  if (events.length <= MOST_LINES) return events
  const ranked = [...events].sort((a, b) => rank(a, evidence) - rank(b, evidence))
  const kept = new Set(ranked.slice(0, MOST_LINES))
  return events.filter((event) => kept.has(event))
}

/** The evidence first, then what changes something or fails, last what everybody does. */
function rank(event: HistoryEvent, evidence: readonly HistoryEvent[]): number {
  if (evidence.includes(event)) return 0
  if (['paid', 'put_back', 'final', 'fault', 'error', 'gave_up', 'effect_ran', 'effect_committed'].includes(event.kind))
    return 1
  if (event.kind.startsWith('lease_') || (event.kind === 'outcome' && event.outcome !== 'duplicate')) return 1
  return event.kind === 'note' ? 2 : 3
}

function who(event: HistoryEvent): string {
  const { actor, process } = event
  const call = 'call' in event ? event.call : undefined
  if (call === undefined) return actor
  return actor === process ? call : `${actor} ${call}`
}

const noted = (parts: readonly (string | undefined)[]): string => {
  const known = parts.filter((part) => part !== undefined)
  return known.length === 0 ? '' : ` (${known.join(', ')})`
}

function describe(event: HistoryEvent): string {
  switch (event.kind) {
    case 'paid':
      return `paid${noted([event.payment])}`
    case 'callback':
      return `callback${noted([event.payment])}`
    case 'answered':
      return `the gateway is told "${event.reply}"`
    case 'gave_up':
      return 'the gateway stops calling'
    case 'started':
      return `${event.operation}${noted([event.strategy, event.payment])} …`
    case 'outcome': {
      const { outcome, recovered, provisional, claim } = event
      const flags = [recovered === true ? 'recovered' : undefined, provisional === true ? 'provisional' : undefined]
      return `→ ${outcome}${noted([...flags, claim === undefined ? undefined : `of ${claim}`])}`
    }
    case 'error':
      return `→ ${event.code ?? 'error'}: ${event.message}${noted([event.claim])}`
    case 'put_back':
      return 'was put back to waiting by other code'
    case 'effect_ran':
      return `the effect runs${noted([`attempt ${event.attempt}`])}`
    case 'effect_committed':
      return 'an entry of the effect is in the tables'
    case 'lease_taken':
    case 'lease_renewed':
    case 'lease_completed':
    case 'lease_given_back':
    case 'lease_lost':
      return `${event.kind.replaceAll('_', ' ')}${noted([
        event.attempt === undefined ? undefined : `attempt ${event.attempt}`,
        event.leaseMs === undefined ? undefined : `for ${event.leaseMs} ms`,
      ])}`
    case 'item_given':
      return `is given ${event.item} of the pool ${event.pool}${noted([event.draw])}`
    case 'fault':
      return `fault: ${event.what}`
    case 'final': {
      const { status, claimed, effects } = event
      const counted = effects === undefined ? '' : `, ${effects} effect${effects === 1 ? '' : 's'}`
      return `in the end: ${status ?? 'NULL'}, ${claimed ? 'claimed' : 'not claimed'}${counted}`
    }
    case 'note':
      return event.what
  }
}
