/** One process of a race. It is told what to do by the referee (arena.ts), and ends with it. */
import type { Answer, Caller, Finish, Numbered, Reply, Request, Side } from '../contest.ts'
import type { OpenSide } from './open-side.ts'
import { openMssqlSide } from './mssql-side.ts'
import { openServerSide } from './server-side.ts'
import { openFileSide } from './file-side.ts'
import { STRATEGIES } from '../../../src/config.ts'

let open: OpenSide | null = null
let calls = 0

process.on('message', (request: Numbered<Request>) => {
  const { number } = request
  answer(request).then(
    (value) => tell({ number, value }),
    (error: unknown) => tell({ number, failed: error instanceof Error ? String(error.stack) : String(error) }),
  )
})
process.on('disconnect', () => process.exit())

const tell = (reply: Numbered<Reply>): void => void process.send?.(reply)

async function answer(request: Request): Promise<unknown> {
  switch (request.ask) {
    case 'open': {
      const { side, claimedOrder } = request
      calls = side.calls
      open = await openSide(side)
      const facts = await open.sessionFacts()
      await warmUp(open, claimedOrder)
      return facts
    }
    case 'race':
      return await race(sideOf(), request.orderId, request.callers, request.withEffect)
    case 'close': {
      const facts = await sideOf().sessionFacts()
      await sideOf().close()
      open = null
      return facts
    }
  }
}

function openSide(side: Side): OpenSide | Promise<OpenSide> {
  if (side.database.startsWith('mysql:')) return openServerSide(side)
  return side.database.startsWith('mssql:') ? openMssqlSide(side) : openFileSide(side)
}

function sideOf(): OpenSide {
  if (open === null) throw new Error('The side is not open.')
  return open
}

/** The first call describes the table; then every connection prepares every statement that a later callback sends. */
async function warmUp(side: OpenSide, claimedOrder: number): Promise<void> {
  const one = await side.call('conditional', claimedOrder, false)
  if (one !== 'duplicate' && one !== 'claimed') throw new Error(`The first call was answered "${one}".`)
  for (const caller of STRATEGIES) {
    for (const withEffect of [false, true]) await race(side, claimedOrder, [caller], withEffect)
  }
  side.takeRetries()
}

async function race(side: OpenSide, orderId: number, callers: readonly Caller[], withEffect: boolean): Promise<Finish> {
  const called = Array.from({ length: calls }, (_, index) => callers[index % callers.length] ?? 'naive')
  const answers = await Promise.all(called.map((caller) => answerTo(side, caller, orderId, withEffect)))
  return { answers, retries: side.takeRetries() }
}

async function answerTo(side: OpenSide, caller: Caller, orderId: number, withEffect: boolean): Promise<Answer> {
  try {
    return { caller, outcome: await side.call(caller, orderId, withEffect) }
  } catch (error) {
    const { code = 'error', message, cause } = error as Error & { readonly code?: string }
    const because = cause instanceof Error ? ` (${cause.message})` : ''
    return { caller, outcome: code, message: `${message}${because}` }
  }
}
