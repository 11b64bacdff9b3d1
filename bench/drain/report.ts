import { format } from 'prettier'
import { COMPILED_EARLY } from './run-way.ts'
import type { Server } from './server.ts'
import type { Settings } from './settings.ts'
import { WARM_UP } from './speed.ts'

/** As Markdown, for docs/. */
export async function reportOf(settings: Settings, server: Server, sections: readonly string[]): Promise<string> {
  const { effects, seconds } = WARM_UP.whole
  const warmedUp = settings.quick ? 'for a second' : `by ${effects} transactions or for ${seconds} seconds`
  const date = new Date().toISOString().slice(0, 10)
  const text = [
    '# Benchmark of the worker',
    `Written by \`${settings.command}\` (bench/drain.ts) on ${date}, with Node ${process.versions.node} and ${server.about}; not by hand.`,
    `So many workers at a time (\`concurrency\`), each with batches of so many orders (\`batchSize\`); program and server share one machine. The
effect recharges the order's account and enters it into a ledger: two statements, for an order or for a batch; the last two tables have the smallest
effect that there is, the entry alone. Each way has a process of its own, warmed up ${warmedUp} and compiled early
(\`${COMPILED_EARLY.join(' ')}\`: a worker runs for days), and they take turns in slices of
${Number((settings.seconds / settings.slices).toPrecision(2))} s, after each of which every order waits again. Orders a second are the median of the slices; a ratio is the median of the ratios of
slices side by side, and holds where the orders a second do not: on another machine, or a busy one. "By hand" is the same loop with mysql2
alone and the very statements that the package sends, recorded: a read past locked rows, the guarded UPDATE that leases them, COMMIT; then for each
order, or each batch, a transaction with the completion fenced by the token, the read of what the effect needs, and the effect. "The shortest" bounds
no wait for locks, compares ids and states as the server does, sets the isolation once for a connection, and reads what the effect
needs with the batch, where it may be old by the time that it is used.`,
    ...sections,
  ].join('\n\n')
  return await format(text, { parser: 'markdown', printWidth: 140, proseWrap: 'always' })
}
