import { AHEAD_CASES } from './ahead-cases.ts'
import { BAD_ROW_CASES } from './bad-row-cases.ts'
import { DRAIN_CASES } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'
import { OTHER_CALLS_CASES } from './other-calls-cases.ts'
import { TROUBLE_CASES } from './trouble-cases.ts'
import { WORK_CASES } from './work-cases.ts'

export const DRAIN_RULES: readonly DrainCase[] = [
  ...DRAIN_CASES,
  ...WORK_CASES,
  ...TROUBLE_CASES,
  ...OTHER_CALLS_CASES,
  ...BAD_ROW_CASES,
  ...AHEAD_CASES,
]
