import type { Reply } from '../adapters/adapter.ts'
import type { Statement } from '../sql.ts'
import type { TableDescription, TableName } from './dialect.ts'
import { describeMssqlColumn } from './mssql-columns.ts'
import { asText } from './values.ts'

/** In brackets: `[order]`. */
export const quote = (identifier: string): string => `[${identifier.replaceAll(']', ']]')}]`

/** The questions to the catalog. `@1` is the quoted name of the table. */
export interface Catalog {
  readonly server: Statement
  readonly table: string
  readonly columns: string
  readonly uniqueKeys: string
}

/** Four reads of the catalog, on first use. */
export const describeMssqlTable = (catalog: Catalog) =>
  function* (table: TableName): Generator<Statement, TableDescription | null, Reply> {
    const parameters = [(table.schema === null ? '' : `${quote(table.schema)}.`) + quote(table.name)]
    const server = (yield catalog.server).rows[0]
    const found = (yield { sql: catalog.table, parameters }).rows[0]
    if (found === undefined) return null
    const columns = (yield { sql: catalog.columns, parameters }).rows.map(describeMssqlColumn)
    const keys = new Map<string, { readonly columns: string[]; readonly filter: string | null }>()
    for (const part of (yield { sql: catalog.uniqueKeys, parameters }).rows) {
      const name = String(part['name'])
      const key = keys.get(name) ?? { columns: [], filter: asText(part['filter']) }
      key.columns.push(String(part['column_name']).toLowerCase())
      keys.set(name, key)
    }
    return {
      table: { schema: String(found['schema_name']), name: String(found['name']) },
      columns: new Map(columns.map((column) => [column.name.toLowerCase(), column])),
      // A filtered index says nothing of the rows that it leaves out.
      uniqueKeys: [...keys.values()].flatMap(({ columns: key, filter }) => (filter === null ? [key] : [])),
      filteredKeys: [...keys.values()].flatMap(({ columns: key, filter }) =>
        filter === null ? [] : [{ columns: key, filter }],
      ),
      unfit: unfitReason(found),
      server: {
        version: asText(server?.['version']) ?? '',
        isMariaDb: false,
        autocommit: true,
        noBackslashEscapes: false,
        // SQL Server 2016 and later have the function; Babelfish has not.
        tellsTransactionId: !/babelfish/i.test(asText(server?.['full_version']) ?? ''),
        unfitSession:
          Number(server?.['implicit_transactions']) === 0
            ? null
            : 'its sessions have IMPLICIT_TRANSACTIONS on, so every statement opens a transaction that nobody ends. Leave ' +
              'enableImplicitTransactions off in the options of the connection',
      },
    }
  }

function unfitReason(found: Readonly<Record<string, unknown>>): string | null {
  if (found['type'] !== 'U') return 'is a view or a synonym. Name the table under it'
  if (Number(found['is_memory_optimized']) === 1)
    return 'is memory-optimized, and takes no row locks. Use a disk-based table'
  if (Number(found['instead_of_update']) > 0) {
    return 'has an INSTEAD OF UPDATE trigger, under which an UPDATE reports rows that it has not changed. Claims cannot be made there'
  }
  return null
}
