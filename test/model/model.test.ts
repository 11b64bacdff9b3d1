import { describe, expect, test } from 'vitest'
import { REDUNDANT, RIGHT } from './checks.ts'
import { MUTANTS, NAIVE } from './mutants.ts'
import { search } from './search.ts'
import type { Finding, Search } from './search.ts'
import { findTools } from './tools.ts'
import type { Tools } from './tools.ts'

const TEST_MS = 300_000

const tools = await findTools().catch((error: unknown) => (error as Error).message)
if (typeof tools === 'string') notChecked(tools)
else checked(tools)

/** Under CI a model that is not checked has failed. Elsewhere it is said at once, and in the name of the test. */
function notChecked(reason: string): void {
  const name = `NOT RUN: the models are not checked. ${reason}`
  if (process.env['CI']) {
    test(name, () => expect.fail(reason))
  } else {
    process.stderr.write(`\n${name}\n\n`)
    test.skip(name)
  }
}

function checked(tools: Tools): void {
  describe('every state is searched, and no property is broken:', { timeout: TEST_MS }, () => {
    test.each(RIGHT)('$name', async (check) => {
      const finding = await searched(tools, check)
      expectRight(finding)
      expect(finding.notTaken, 'every step of the model is taken by some run').toEqual([])
    })
    test.each(REDUNDANT)('$name, held by $heldBy', async (check) => {
      expectRight(await searched(tools, check))
    })
  })

  describe('a counterexample is found:', { timeout: TEST_MS }, () => {
    test.each(MUTANTS)('$name is caught', async ({ caughtBy, ...mutant }) => {
      const { story } = await searched(tools, { ...mutant, kind: 'shortest' })
      expect(story.at(-1)).toBe(`broken: ${caughtBy}`)
    })

    test('the naive handler credits in both calls', async () => {
      const { story } = await search(tools, { ...NAIVE, kind: 'shortest' })
      process.stdout.write(`The naive handler:\n  ${story.join('\n  ')}\n`)
      for (const call of ['call 1', 'call 2']) {
        expect(story).toContain(`${call}: SELECT, waiting`)
        expect(story).toContain(`${call}: credits the account`)
      }
      expect(story.filter((line) => line.includes('COMMIT'))).toHaveLength(2)
    })
  })
}

function expectRight({ story, complete }: Finding): void {
  expect(story).toEqual([])
  expect(complete, 'nothing was left out of the search').toBe(true)
}

/** CLAIM_ONCE_MODEL_VERBOSE=1 prints what docs/model.md tells: how many states, and each counterexample. */
async function searched(tools: Tools, what: Search & { readonly name?: string }): Promise<Finding> {
  const startedAt = performance.now()
  const finding = await search(tools, what)
  if (process.env['CLAIM_ONCE_MODEL_VERBOSE']) {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const defines = what.defines?.join(' ') ?? ''
    const head = `${what.name ?? what.model} (${what.model} ${defines}): ${finding.states} states, ${seconds} s`
    process.stdout.write(`${[head, ...finding.story].join('\n  ')}\n`)
  }
  return finding
}
