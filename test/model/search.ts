import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand, tailOf } from '../support/servers/run-command.ts'
import type { Tools } from './tools.ts'

export interface Search {
  readonly model: 'claim' | 'lease'
  /** What is given to the preprocessor. */
  readonly defines?: readonly string[]
  readonly kind: SearchKind
}

/**
 * `safety`: every state, for properties that are broken, and for processes that wait for ever.
 * `liveness`: every run, for those that never come to what the model's formula says.
 * `shortest`: the states in the order of their distance, so that a counterexample is as short as can be.
 */
type SearchKind = 'safety' | 'liveness' | 'shortest'

export interface Finding {
  /** Nothing was left out, for want of memory or depth. Only a search that finds nothing gets there. */
  readonly complete: boolean
  readonly states: number
  /** What happens in the counterexample, one line a step. Empty: there is none. */
  readonly story: readonly string[]
  /** Steps of the model's processes that no run takes. */
  readonly notTaken: readonly string[]
}

/** A search that finds nothing is long, and one for a counterexample is over before a better compiled one would be compiled. */
const COMPILED = {
  safety: ['-O1', '-DSAFETY', '-DNOCLAIM'],
  liveness: ['-O1'],
  shortest: ['-O0', '-DSAFETY', '-DNOCLAIM', '-DBFS'],
} as const satisfies Record<SearchKind, readonly string[]>

const MEMORY_MB = 1024
const DEPTH = 100_000
const TABLE_OF_2_TO_THE = 22
const LIMIT_MS = 300_000

const FILE = 'model.pml'

/** Has Spin make a program that searches the model, compiles it, and runs it to its end. */
export async function search({ spin, compiler }: Tools, { model, defines = [], kind }: Search): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-model-'))
  const run = (program: string, ...args: readonly string[]) => mustRun(program, args, folder)
  // By default it would run gcc, whatever compiler there is.
  const bySpin = (...args: readonly string[]) => run(spin, `-P${compiler} -E -x c`, ...args, FILE)
  try {
    const given = defines.map((define) => `-D${define}`)
    // Into one file, for Spin takes the lines of an included one for those of the file that includes it.
    await run(compiler, '-E', '-P', '-x', 'c', ...given, join(import.meta.dirname, `${model}.pml`), '-o', FILE)
    await bySpin('-a')
    await run(compiler, ...COMPILED[kind], `-DMEMLIM=${MEMORY_MB}`, '-o', 'pan', 'pan.c')
    const told = await run('./pan', `-m${DEPTH}`, `-w${TABLE_OF_2_TO_THE}`, ...(kind === 'liveness' ? ['-a'] : []))
    const found = existsSync(join(folder, `${FILE}.trail`))
    return {
      ...report(told, kind),
      story: found ? storyOf(await bySpin('-t', '-T', '-B'), told) : [],
      notTaken: stepsNotTaken(told, readFileSync(join(folder, FILE), 'utf8').split('\n')),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function mustRun(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { ok, output } = await runCommand(program, args, { timeoutMs: LIMIT_MS, cwd })
  if (!ok) throw new Error(`${program} ${args.join(' ')} failed:\n${tailOf(output)}`)
  return output
}

/** Whatever the program says when it leaves something out; what it says of the formula shows that it was looked at. */
function report(told: string, kind: SearchKind): Pick<Finding, 'complete' | 'states'> {
  const [, errors] = /errors: (\d+)/.exec(told) ?? []
  const [, states] = /(\d+) states, stored/.exec(told) ?? []
  if (errors === undefined || states === undefined) throw new Error(`The search ended early:\n${tailOf(told)}`)
  const cutShort = /not completed|too small|-DMEMLIM|out of memory/i.test(told)
  const full = told.includes('Full statespace search')
  const looked = kind !== 'liveness' || /acceptance\s+cycles\s+\+/.test(told)
  return { complete: errors === '0' && full && looked && !cutShort, states: Number(states) }
}

/** What the model prints, up to the property that is broken; what the simulator goes on to print is no part of it. */
function storyOf(replayed: string, told: string): readonly string[] {
  const lines = replayed.split('\n').filter((line) => /^(?:call \d+|server|clock|editor|broken): /.test(line))
  // The one that Spin knows by itself: nothing can happen any more, and a process is not where it may end.
  if (/invalid end state \(at/.test(told)) return [...lines, 'broken: nobody waits for ever']
  const end = lines.findIndex((line) => line.startsWith('broken: '))
  return end === -1 ? lines : lines.slice(0, end + 1)
}

/** Steps of an `inline` are left out: where it stands, its parameters may rule some of them out. So is what broken properties do. */
function stepsNotTaken(told: string, source: readonly string[]): readonly string[] {
  let inside = false
  const own = source.map((line) => {
    inside = (inside || line.startsWith('inline ')) && line !== '}'
    return !inside && !line.includes('assert(false)')
  })
  return [...told.matchAll(/^\t(\S+):(\d+), state \d+, "(.*)"$/gm)]
    .filter(([, file, line, step]) => file === FILE && own[Number(line) - 1] === true && step !== '-end-')
    .map(([, , line, step]) => `${source[Number(line) - 1]?.trim() ?? ''}: ${step ?? ''}`)
}
