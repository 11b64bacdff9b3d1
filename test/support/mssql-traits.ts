import type { RunningLane } from './lanes.ts'

/** What only SQL Server itself can decide. A test that needs it does not run elsewhere, and says so by name. */
export const MSSQL_TRAITS = {
  locks: 'Babelfish takes no lock for a hint, and its reads never wait',
  'lock time-out': 'Babelfish reports a lock time-out as error 33557097, which says nothing',
  'scope of set': 'Babelfish keeps what a batch of sp_executesql sets',
  'isolation levels': 'Babelfish has neither REPEATABLE READ nor SERIALIZABLE, and its SNAPSHOT cannot be left',
  'row versioning off': 'Babelfish reads row versions always',
  'filtered indexes': 'Babelfish does not tell that an index has a filter',
  'nul characters': 'Babelfish cannot hold U+0000 in text',
  'bytes as hex': 'Babelfish cannot write bytes with a zero among them as hex',
  'steps of datetime': 'Babelfish lets datetime hold what is not a multiple of 1/300 s',
  'text to datetimeoffset': 'Babelfish does not convert text to datetimeoffset by itself',
  'error numbers': 'Babelfish reports most errors of conversion as 33557097',
  brackets: 'Babelfish cannot parse a name with a bracket in it',
} as const

export type MssqlTrait = keyof typeof MSSQL_TRAITS

export const isBabelfish = (version: string): boolean => /Babelfish/i.test(version)

/** The first that the server has not, in words; `null`: it has them all. */
export function missingTrait({ version }: RunningLane, needs: readonly MssqlTrait[]): string | null {
  const [first] = isBabelfish(version) ? needs : []
  return first === undefined ? null : MSSQL_TRAITS[first]
}
