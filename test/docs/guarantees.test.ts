import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

const text = readFileSync(`${root}docs/guarantees.md`, 'utf8')
const tests = globSync('test/**/*.ts', { cwd: root }).map((file) => readFileSync(`${root}${file}`, 'utf8'))

/** `_the name of a test_ (where)` */
const named = [...text.matchAll(/_([^_|]{20,})_ \(/g)].map(([, name]) => name ?? '')
const files = [...text.matchAll(/`(test\/[\w./-]+)`/g)].map(([, file]) => file ?? '')

describe('docs/guarantees.md', () => {
  test('names tests, and files of tests', () => {
    expect(named.length).toBeGreaterThan(20)
    expect(files.length).toBeGreaterThan(3)
  })

  test.each([...new Set(named)])('there is the test: %s', (name) => {
    expect(tests.some((source) => source.includes(name))).toBe(true)
  })

  test.each([...new Set(files)])('there is %s', (file) => {
    expect(existsSync(`${root}${file}`)).toBe(true)
  })
})
