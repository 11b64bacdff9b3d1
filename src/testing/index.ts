/**
 * Help for testing one's own handlers.
 *
 * @packageDocumentation
 */
export { assertEffectUndone, EffectSurvived } from './assert-effect-undone.ts'
export type { EffectUndoneOptions } from './assert-effect-undone.ts'
export { assertHistory, checkHistory, HistoryViolated } from './history/check-history.ts'
export type { CheckOptions } from './history/check-history.ts'
export { orderKey } from './history/event.ts'
export type { Operation } from '../events.ts'
export type { Happening, HistoryEvent, Stamp } from './history/event.ts'
export { createHistory } from './history/history.ts'
export type { History, HistoryOptions, NewEvent } from './history/history.ts'
export { fromLines, mergeHistories, toLine } from './history/lines.ts'
export { explain } from './history/timeline.ts'
export type { Rule, Violation } from './history/violation.ts'
export { inMemory } from './in-memory/in-memory.ts'
export type { InMemory } from './in-memory/in-memory.ts'
export type { Cell, MemoryTable, MemoryTables } from './in-memory/tables.ts'
export { race } from './race.ts'
export type { Race } from './race.ts'
export type { Faults } from './faults/armed-faults.ts'
export type { Fault, FaultKind, FiredFault, SeenStatement, StatementKind } from './faults/fault.ts'
export { withFaults } from './faults/with-faults.ts'
export type { AnyAdapter, FaultOptions, WithFaults } from './faults/with-faults.ts'
