import { DRAIN_CASES } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'
import { WORK_CASES } from './work-cases.ts'

export const DRAIN_RULES: readonly DrainCase[] = [...DRAIN_CASES, ...WORK_CASES]
