import type { ReportedServer } from './server-lane.ts'

const USUAL_PORTS: Readonly<Record<string, string>> = { 'mssql:': '1433', 'redis:': '6379', 'rediss:': '6379' }

/** One line a server, then the whole reason of each that did not run. */
export function serverTable(servers: readonly ReportedServer[]): string {
  const rows = [['server', 'ran', 'version', 'source', 'port', 'seconds'], ...servers.map(row)]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? []
  const table = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const reasons = servers.flatMap(({ name, server }) =>
    server.available || server.leftOut ? [] : [`${name}: ${server.reason}`],
  )
  return [...table, ...reasons].join('\n')
}

/** For each server that did not run one line, short enough to stand beside the tests' summary. */
export function notRunLines(servers: readonly ReportedServer[]): readonly string[] {
  return servers.flatMap(({ name, server }) =>
    server.available ? [] : [`NOT RUN: ${name}: ${onOneLine(server.reason)}`],
  )
}

function row({ name, required, server }: ReportedServer): readonly string[] {
  if (!server.available) {
    return [name, server.leftOut ? 'left out' : required ? 'NO (required)' : 'NO', '-', '-', '-', '-']
  }
  const { port, protocol } = new URL(server.url)
  return [
    name,
    'yes',
    server.version,
    server.source,
    port || (USUAL_PORTS[protocol] ?? '3306'),
    server.startedInSeconds.toFixed(1),
  ]
}

/** The beginning says what happened and the end what to do; a server's log may stand between. */
function onOneLine(reason: string): string {
  const line = reason.replace(/\s*\n\s*/g, ' / ')
  return line.length <= 700 ? line : `${line.slice(0, 400)} … ${line.slice(-250)}`
}
