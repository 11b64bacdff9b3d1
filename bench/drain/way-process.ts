/**
 * A process that works orders off in one way, slice by slice, as it is told to. It has the server to itself meanwhile, and
 * nothing else ever runs in it: what is compiled for one way is not shaped by another.
 */
import { byHand } from './by-hand.ts'
import { byPackage } from './by-package.ts'
import { connect } from './server.ts'
import type { Server } from './server.ts'
import { recordedStatements, shortestStatements } from './statements.ts'
import type { Size, Way, WayName } from './way.ts'

/** What it is started with. */
export interface Assignment {
  readonly url: string
  readonly name: WayName
  readonly size: Size
}

/** What it tells of a slice. */
export interface Worked {
  readonly done: number
  readonly tookMs: number
  /** What the program computed meanwhile, without the server, in microseconds. */
  readonly cpuUs: number
}

async function wayOf({ name, size }: Assignment, { aside, usual, readCommitted }: Server): Promise<Way> {
  switch (name) {
    case 'drain':
      return byPackage(usual, size)
    case 'by hand':
      return byHand(usual, size, await recordedStatements(aside, size))
    case 'the shortest':
      return byHand(readCommitted, size, shortestStatements(size))
  }
}

async function workFor(way: Way, seconds: number): Promise<Worked> {
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const done = await way.run(AbortSignal.timeout(Math.round(seconds * 1000)))
  const tookMs = performance.now() - start
  const { user, system } = process.cpuUsage(cpuBefore)
  return { done, tookMs, cpuUs: user + system }
}

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment
const server = await connect(assignment.url)
const way = await wayOf(assignment, server)
process.on('message', (seconds: number) => {
  void workFor(way, seconds).then((worked) => process.send?.(worked))
})
process.on('disconnect', () => {
  void server.stop()
})
process.send?.('ready')
