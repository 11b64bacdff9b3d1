/**
 * How many rows a statement names: few sizes, so that few statements are prepared on each connection. No more than 500, for
 * SQLite takes a condition that is 1,000 deep.
 */
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500] as const

/** The next size up. What is named beyond the last is the first once more. */
export const paddedSize = (count: number): number => SIZES.find((size) => size >= count) ?? count

/** The next size down: of the orders that are read by a statement of their number. */
export const sizeWithin = (count: number): number => SIZES.findLast((size) => size <= count) ?? count

/** How many rows one statement may name, of so many parameters each: SQL Server takes 2,100 in all. */
export const mostRows = (parameters: number): number => SIZES.findLast((size) => size * parameters <= 2000) ?? 1

export const padded = <Value>(values: readonly Value[]): Value[] => {
  const [first] = values
  if (first === undefined) return []
  return Array.from({ length: paddedSize(values.length) }, (_, index) => values[index] ?? first)
}
