import { format } from 'prettier'
import type { Server } from './server.ts'
import type { Settings } from './settings.ts'
import { IN_FLIGHT } from './settings.ts'

export type Cell = string | number

/** A table of Markdown, its columns filled up so that it reads in a terminal, too. */
export function tableOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [head, ...rows.map((row) => row.map(shown))]
  const widths = head.map((_, column) => Math.max(3, ...texts.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => filled(cell, widths[column] ?? 0, column)).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  const [first = [], ...others] = texts
  return [line(first), `| ${rule.join(' | ')} |`, ...others.map(line)].join('\n')
}

const filled = (text: string, width: number, column: number): string =>
  column === 0 ? text.padEnd(width) : text.padStart(width)

/** Three digits are all that such a measurement says. */
function shown(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (!Number.isFinite(cell)) return '–'
  return Number(cell.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 2 })
}

export const plain = (count: number): string => count.toLocaleString('en')

/** As Markdown, for docs/. */
export async function reportOf(settings: Settings, server: Server, sections: readonly string[]): Promise<string> {
  const date = new Date().toISOString().slice(0, 10)
  const text = [
    '# Benchmark of pools',
    `Written by \`${settings.command}\` (bench/pool.ts) on ${date}, with Node ${process.versions.node} and ${server.about}; not by hand.`,
    `${IN_FLIGHT} requests at once, each of another owner, over ${IN_FLIGHT} connections; program and server share one machine. The ways
take turns in slices of ${shown(settings.seconds / settings.slices)} s, and after each the pool is what it was before. Cards a second are the median of
the slices; a ratio is the median of the ratios of slices side by side, and holds where the cards a second do not: on another machine, or a
busy one. "By hand" are the very statements that the package sends, recorded and sent through mysql2 alone.`,
    ...sections,
  ].join('\n\n')
  return await format(text, { parser: 'markdown', printWidth: 140, proseWrap: 'always' })
}
