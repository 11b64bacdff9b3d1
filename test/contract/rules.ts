import { CASES } from './cases.ts'
import type { Case } from './cases.ts'
import { FAILURE_CASES } from './failure-cases.ts'
import { LEASE_CASES } from './lease-cases.ts'
import { LEASE_END_CASES } from './lease-end-cases.ts'
import { LEASE_LOST_CASES } from './lease-lost-cases.ts'
import { MOVE_CASES } from './move-cases.ts'
import { MSSQL_CASES } from './mssql-cases.ts'
import { MYSQL_CASES } from './mysql-cases.ts'
import { NESTED_CASES } from './nested-cases.ts'
import { PENDING_CASES } from './pending-cases.ts'
import { RESOLUTION_CASES } from './resolution-cases.ts'
import { RESULT_CASES } from './result-cases.ts'
import type { Subject } from './subject.ts'

/** The rules of the contract that hold on every database. */
const EVERYWHERE: readonly Case[] = [
  ...CASES,
  ...RESOLUTION_CASES,
  ...PENDING_CASES,
  ...LEASE_CASES,
  ...LEASE_END_CASES,
  ...LEASE_LOST_CASES,
  ...RESULT_CASES,
  ...FAILURE_CASES,
  ...MOVE_CASES,
  ...NESTED_CASES,
]

/** The contract of each family of databases. Two families may have the same rule, each in a way of its own. */
export const RULES = {
  mysql: [...EVERYWHERE, ...MYSQL_CASES],
  mssql: [...EVERYWHERE, ...MSSQL_CASES],
  sqlite: EVERYWHERE,
} as const satisfies Record<Subject['family'], readonly Case[]>
