/** Pages as the core hands them on, one at a time; `between` runs before each but the first. */
export async function* pagesOf(
  pages: readonly (readonly string[])[],
  between: (index: number) => Promise<unknown> = () => Promise.resolve(),
): AsyncGenerator<readonly string[]> {
  for (const [index, page] of pages.entries()) {
    if (index > 0) await between(index)
    yield page
  }
}

export const idsOf = (count: number, name = 'card'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`)
