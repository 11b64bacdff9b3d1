/** How many rows a statement names: few sizes, so that few statements are prepared on each connection. */
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500] as const

/** The next size up. What is named beyond the last is the first once more. */
export const paddedSize = (count: number): number => SIZES.find((size) => size >= count) ?? count

export const padded = <Value>(values: readonly Value[]): Value[] => {
  const [first] = values
  if (first === undefined) return []
  return Array.from({ length: paddedSize(values.length) }, (_, index) => values[index] ?? first)
}
