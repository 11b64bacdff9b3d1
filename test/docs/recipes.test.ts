import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findDocBlocks } from '../../scripts/doc-blocks.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (file: string): string => readFileSync(`${root}${file}`, 'utf8')

const blocks = findDocBlocks(read('docs/recipes.md'), 'docs/recipes.md')
const recipes = globSync('examples/recipes/*.ts', { cwd: root }).map(read)

test('docs/recipes.md shows code of the recipes', () => {
  expect(blocks.length).toBeGreaterThan(3)
})

test.each(blocks)('as it stands there: line $line', ({ code }) => {
  const [, withoutImports] = /^(?:import .*\n|\n)*([^]*)$/.exec(code) ?? []
  expect(recipes.some((recipe) => recipe.includes(withoutImports ?? code))).toBe(true)
})
