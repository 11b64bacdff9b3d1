import type { Case } from './cases.ts'
import { MSSQL_COUNT_CASES } from './mssql-count-cases.ts'
import { MSSQL_KEY_CASES } from './mssql-key-cases.ts'
import { MSSQL_LOCK_CASES } from './mssql-lock-cases.ts'
import { MSSQL_SESSION_CASES } from './mssql-session-cases.ts'
import { MSSQL_VALUE_CASES } from './mssql-value-cases.ts'

/** What is particular to SQL Server. */
export const MSSQL_CASES: readonly Case[] = [
  ...MSSQL_COUNT_CASES,
  ...MSSQL_KEY_CASES,
  ...MSSQL_LOCK_CASES,
  ...MSSQL_SESSION_CASES,
  ...MSSQL_VALUE_CASES,
]
