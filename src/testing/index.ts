/**
 * Help for testing one's own handlers.
 *
 * @packageDocumentation
 */
export { assertEffectUndone, EffectSurvived } from './assert-effect-undone.ts'
export type { EffectUndoneOptions } from './assert-effect-undone.ts'
