import { join } from 'node:path'
import { unpackedPackages } from '../support/servers/debian-packages.ts'
import type { PackageSet } from '../support/servers/debian-packages.ts'
import { runCommand } from '../support/servers/run-command.ts'

/** What checks a model: Spin makes a C program of it, that the compiler has to compile. */
export interface Tools {
  readonly spin: string
  readonly compiler: string
}

const SPIN: PackageSet = {
  name: 'spin',
  title: 'Spin',
  packages: ['spin'],
  suites: { debian: 'bookworm', ubuntu: 'noble' },
}

/** Spin is the machine's own, or one unpacked into the cache folder. Throws with the reason where something is missing. */
export async function findTools(): Promise<Tools> {
  const compiler = await findCompiler()
  return { spin: (await runs('spin', '-V')) ? 'spin' : await unpackedSpin(), compiler }
}

async function findCompiler(): Promise<string> {
  for (const name of ['cc', 'gcc', 'clang']) if (await runs(name, '--version')) return name
  throw new Error('There is no C compiler (cc, gcc, clang) on the PATH, and Spin needs one: install gcc and libc6-dev.')
}

async function unpackedSpin(): Promise<string> {
  try {
    const spin = join(await unpackedPackages(SPIN), 'bin/spin')
    if (await runs(spin, '-V')) return spin
    throw new Error(`${spin} does not run.`)
  } catch (error) {
    throw new Error(`There is no Spin on the PATH, install the package "spin". ${(error as Error).message}`)
  }
}

const runs = async (program: string, question: string): Promise<boolean> =>
  (await runCommand(program, [question], { timeoutMs: 10_000 })).ok
