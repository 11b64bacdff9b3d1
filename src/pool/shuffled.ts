import type { Row } from '../adapters/adapter.ts'

/** In random order. https://en.wikipedia.org/wiki/Fisher%E2%80%93Yates_shuffle */
export function shuffled(rows: readonly Row[]): Row[] {
  const all = [...rows]
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    const row = all[last]
    const swapped = all[other]
    if (row === undefined || swapped === undefined) continue
    all[last] = swapped
    all[other] = row
  }
  return all
}
