import type { ServerLane } from './server-lane.ts'

/** One line a lane, then the whole reason of each that did not run. */
export function laneTable(lanes: readonly ServerLane[]): string {
  const rows = [['lane', 'ran', 'version', 'source', 'port', 'seconds'], ...lanes.map(row)]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? []
  const table = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const reasons = lanes.flatMap(({ name, server }) =>
    server.available || server.leftOut ? [] : [`${name}: ${server.reason}`],
  )
  return [...table, ...reasons].join('\n')
}

/** For each lane that did not run one line, short enough to stand beside the tests' summary. */
export function notRunLines(lanes: readonly ServerLane[]): readonly string[] {
  return lanes.flatMap(({ name, server }) =>
    server.available ? [] : [`NOT RUN: ${name}: ${onOneLine(server.reason)}`],
  )
}

function row({ name, required, server }: ServerLane): readonly string[] {
  if (!server.available) {
    return [name, server.leftOut ? 'left out' : required ? 'NO (required)' : 'NO', '-', '-', '-', '-']
  }
  const { port, protocol } = new URL(server.url)
  const usual = protocol === 'mssql:' ? '1433' : '3306'
  return [name, 'yes', server.version, server.source, port || usual, server.startedInSeconds.toFixed(1)]
}

/** The beginning says what happened and the end what to do; a server's log may stand between. */
function onOneLine(reason: string): string {
  const line = reason.replace(/\s*\n\s*/g, ' / ')
  return line.length <= 700 ? line : `${line.slice(0, 400)} … ${line.slice(-250)}`
}
