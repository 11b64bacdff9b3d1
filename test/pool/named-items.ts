import type { Statement } from '../../src/sql.ts'

const ITEM = /["`[]card_id["`\]] = (?:cast\(@(\d+) as bigint\)|\?)/g

/** How many cards the condition of a statement names; one that fills it up to its size is named more than once. */
export function namedItems({ sql, parameters }: Statement): number {
  const from = sql.lastIndexOf('\nwhere ')
  const items = [...sql.matchAll(ITEM)].filter(({ index }) => index > from)
  const values = items.map(({ 1: numbered, 0: match, index }) => {
    const before = sql.slice(0, index + match.length).match(/\?/g)?.length ?? 0
    return parameters[(numbered === undefined ? before : Number(numbered)) - 1]
  })
  return new Set(values).size
}
