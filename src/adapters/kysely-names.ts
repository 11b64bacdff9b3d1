import type { ColumnNode, Kysely, OperationNode, ReferenceNode, TableNode } from 'kysely'
import type { ResolvedNames } from './adapter.ts'

/**
 * What kysely's plugins (CamelCasePlugin, withSchema) make of a table and its columns: a query over them is built, and
 * its nodes are read.
 */
export function resolveNames<DB>(db: Kysely<DB>, table: string, columns: readonly string[]): ResolvedNames {
  const untyped = db as unknown as Kysely<Record<string, Record<string, unknown>>>
  const query = untyped
    .selectFrom(table)
    .select([...columns])
    .toOperationNode()
  const from = query.from?.froms[0] as TableNode | undefined
  if (from === undefined) return { table, columns }
  const { schema, identifier } = from.table
  return {
    ...(schema === undefined ? {} : { schema: schema.name }),
    table: identifier.name,
    columns: (query.selections ?? []).map(({ selection }) => columnName(selection)),
  }
}

function columnName(selection: OperationNode): string {
  const column = selection.kind === 'ReferenceNode' ? (selection as ReferenceNode).column : selection
  return (column as ColumnNode).column.name
}
