import { format } from 'prettier'
import type { Findings } from './run.ts'
import { OF_CLAIMS, OF_LEASES } from './unknowns.ts'
import type { Resolution, Unknowns } from './unknowns.ts'

const shown = (count: number): string => count.toLocaleString('en')

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)

/** For the terminal. */
export function summaryOf(findings: Findings): string {
  const { settings, journal, verdict, orders, faults, seconds, violations } = findings
  return [
    `${settings.lane}, seed ${settings.seed}: ${verdictOf(findings)}`,
    `${shown(orders.length)} orders, ${shown(journal.callbacks)} callbacks, ${shown(sum(faults.values()))} faults in ${seconds} s`,
    ...linesOf(faults),
    `outcomes: ${[...journal.outcomes].map(([name, times]) => `${name} ${times}`).join(', ')}`,
    'unknown claims:',
    ...linesOf(resolved(journal.unknown.claims, OF_CLAIMS)),
    'leases with an unknown statement:',
    ...linesOf(resolved(journal.unknown.leases, OF_LEASES)),
    `doubled ${verdict.doubled}, lost ${verdict.lost}, violations ${violations.length}`,
  ].join('\n')
}

const linesOf = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].map(([name, times]) => `  ${String(times).padStart(6)}  ${name}`)

function resolved(unknowns: Unknowns, names: Readonly<Partial<Record<Resolution, string>>>): Map<string, number> {
  const counts = Object.entries(names).map(
    ([resolution, name]) => [name, unknowns.times(resolution as Resolution)] as const,
  )
  return new Map([...counts, ['nobody found out', unknowns.left], ['**all**', unknowns.total]])
}

const verdictOf = ({ verdict, violations }: Findings): string =>
  `${verdict.doubled} double and ${verdict.lost} lost recharges, ${violations.length} violations`

type Row = readonly (string | number)[]

const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.map((cell) => (typeof cell === 'number' ? shown(cell) : cell)).join(' | ')} |`)
    .join('\n')

/** As Markdown, for docs/. */
export async function reportOf(runs: readonly Findings[], args: readonly string[]): Promise<string> {
  const text = [
    '# Chaos report',
    `Written by \`npm run chaos -- ${args.join(' ')}\` (test/chaos) on ${new Date().toISOString().slice(0, 10)}, with Node ${process.versions.node}; not by hand.`,
    ABOUT,
    table(
      ['', ...runs.map(({ settings }) => settings.lane)],
      [
        ['server', ...runs.map(({ version, source }) => `${version}, from ${source}`)],
        ['seed', ...runs.map(({ settings }) => `\`${settings.seed}\``)],
        ['minutes', ...runs.map(({ seconds }) => (seconds / 60).toFixed(1))],
        ['orders', ...runs.map(({ orders }) => orders.length)],
        ['of which handled only when it was over', ...runs.map(({ left }) => left)],
        ['callbacks', ...runs.map(({ journal }) => journal.callbacks)],
        ['of which the worker was killed', ...runs.map(({ journal }) => journal.unansweredCalls)],
        ['`resolve()` by other workers', ...runs.map(({ journal }) => journal.resolves)],
        ['faults that struck, of all kinds', ...runs.map(({ faults }) => sum(faults.values()))],
        ['faults of the kind that struck least', ...runs.map(({ faults }) => Math.min(...faults.values()))],
        ['statements', ...runs.map(({ statements }) => statements)],
        ['worker processes', ...runs.map(({ workers }) => workers)],
        ['slowest call, in milliseconds', ...runs.map(({ journal }) => journal.slowestMs)],
        ['**recharges doubled**', ...runs.map(({ verdict }) => `**${verdict.doubled}**`)],
        ['**recharges lost**', ...runs.map(({ verdict }) => `**${verdict.lost}**`)],
        ['other violations', ...runs.map(({ violations, verdict }) => violations.length - verdict.violations.length)],
        ['late callbacks that were a duplicate', ...runs.map(({ lateDuplicates }) => lateDuplicates)],
      ],
    ),
    '## Faults',
    'How often each struck. A fault that was planned for a statement which never came is not counted.',
    perRun(runs, 'fault', ({ faults }) => faults),
    ...leftOutOf(runs),
    '## Unknown claims',
    'Calls to which the answer of the server was lost while a claiming statement or COMMIT was in flight, and how each was found out. Calls whose worker was killed are not among them: those know nothing any more, and the next callback decides.',
    perRun(runs, 'what became of the claim', ({ journal }) => resolved(journal.unknown.claims, OF_CLAIMS)),
    perRun(runs, 'what became of the lease', ({ journal }) => resolved(journal.unknown.leases, OF_LEASES)),
    '## Answers',
    perRun(
      runs,
      'answer to a callback',
      ({ journal }) => new Map([...journal.outcomes].toSorted(([, a], [, b]) => b - a)),
    ),
    '## Bare claims',
    'A claim without an effect is at most once, as documented: where the process died between the claim and the work after it, nobody does the work. It was never done twice.',
    perRun(
      runs,
      'work after a bare claim',
      ({ verdict }) =>
        new Map([
          ['done', verdict.bare.done],
          ['lost', verdict.bare.lost],
        ]),
    ),
    '## Leases',
    'Work outside the database may be done more than once, and then with the same idempotency key: the provider outside does one thing for it.',
    perRun(
      runs,
      '',
      ({ verdict }) =>
        new Map([
          ['calls to the outside', verdict.outside.calls],
          ['effects outside', verdict.outside.effects],
        ]),
    ),
    perRun(
      runs,
      'leases until an order was done',
      ({ verdict }) => new Map(BUCKETS.map(([from, to, name]) => [name, ordersIn(verdict.attempts, from, to)])),
    ),
    '## Session time zones',
    'Sessions that were opened in each, by turns. Every time in the orders is of this run, by the clock of the database in UTC.',
    perRun(runs, 'time zone', ({ timeZones }) => new Map([...timeZones].toSorted())),
    REPLAY,
  ].join('\n\n')
  return await format(text, { parser: 'markdown', printWidth: 120 })
}

const BUCKETS = [
  [1, 1, '1'],
  [2, 2, '2'],
  [3, 5, '3 to 5'],
  [6, 10, '6 to 10'],
  [11, 20, '11 to 20'],
  [21, Infinity, 'more'],
] as const

const ordersIn = (attempts: ReadonlyMap<number, number>, from: number, to: number): number =>
  sum([...attempts].flatMap(([number, orders]) => (number >= from && number <= to ? [orders] : [])))

/** A row for each name that any run has. */
function perRun(
  runs: readonly Findings[],
  head: string,
  counts: (run: Findings) => ReadonlyMap<string, number>,
): string {
  const all = runs.map(counts)
  const names = [...new Set(all.flatMap((each) => [...each.keys()]))]
  return table(
    [head, ...runs.map(({ settings }) => settings.lane)],
    names.map((name) => [name, ...all.map((each) => each.get(name) ?? '–')]),
  )
}

function leftOutOf(runs: readonly Findings[]): string[] {
  return runs.flatMap(({ settings, leftOut, source }) =>
    leftOut.length === 0
      ? []
      : [
          `Left out on ${settings.lane} (${source}; orders of kinds ${settings.kinds.join(', ')}): ${leftOut.join('; ')}.`,
        ],
  )
}

const ABOUT = `
Several worker processes of a shop take the callbacks of a payment gateway that calls again and again, several times at
once, until it is told \`handled\`. Meanwhile workers are killed (SIGKILL) in every phase, the database is killed
(\`kill -9\`) and started again, connections are ended by \`KILL CONNECTION\`, the lines between them are cut before the
server has seen a statement and after it has done it, answers never come, workers are stopped for longer than a lease,
and their clocks are wrong by an hour, or more with each jump. Sessions live in different time zones. Claims go through
mysql2 and kysely, by all three strategies, with a token column and without.

When it is over, four things must agree. The tables: each order claimed, two ledger entries for it (the customer's and
the shop's), every balance the sum of the orders that were paid, before any later callback can mend what was lost. The
histories, which every process wrote event by event and which \`checkHistory\` of \`claim-once/testing\` judges. What
each callback was told: at most one claim, one receipt for all, nothing to be looked at by a person. And one more
callback for each order, with nothing broken any more: a duplicate.

The database answers a COMMIT when it has been handed to the disk (\`innodb_flush_log_at_trx_commit = 1\`, and a binary
log with \`sync_binlog = 1\`). Its process is killed, and not the power: what the operating system was given survives, so
a disk that lies is not shown here. Nor is a server without a binary log, which is MariaDB's default: there InnoDB shows
a commit to others before its log is written, and a callback may be told \`duplicate\` of a claim that a crash in the same
instant undoes (test/chaos/README.md has the figures).
`.trim()

const REPLAY = `
## What the seed replays

The seed decides, for each order by its number: how it is claimed and through which library, its amount and accounts,
its callbacks and their gaps, and every fault with the statement it strikes at. The same seed gives the same plan on
every machine and every server; \`--first 137 --orders 1\` gives order 137 its plan again, alone.

It does not replay the run. Which worker gets a callback depends on who is alive; which of two processes comes first, how
far a killed one had come, and what a server had written when it was killed, is up to the operating system. A fault of
one order strikes everybody else on the same worker or server: that, too, falls differently each time.
`.trim()
