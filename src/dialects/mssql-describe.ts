import type { Reply } from '../adapters/adapter.ts'
import { plain } from '../sql.ts'
import type { Statement } from '../sql.ts'
import type { TableDescription, TableName } from './dialect.ts'
import { describeMssqlColumn } from './mssql-columns.ts'
import { asText } from './values.ts'

const SERVER = plain(`
select cast(serverproperty('ProductVersion') as nvarchar(128)) as version,
       cast(@@version as nvarchar(300)) as full_version,
       @@options & 2 as implicit_transactions`)

const TABLE = `
select o.object_id,
       schema_name(o.schema_id) as schema_name,
       o.name,
       rtrim(o.type) as type,
       t.is_memory_optimized,
       (select count(*)
        from sys.triggers g
        join sys.trigger_events e on e.object_id = g.object_id
        where g.parent_id = o.object_id
          and g.is_instead_of_trigger = 1
          and g.is_disabled = 0
          and e.type_desc = 'UPDATE') as instead_of_update
from sys.objects o
left join sys.tables t on t.object_id = o.object_id
where o.object_id = object_id(@1)
  and o.type in ('U', 'V', 'SN')`

const COLUMNS = `
select c.name,
       type_name(c.system_type_id) as type,
       c.max_length,
       c.precision,
       c.scale,
       c.is_nullable,
       c.collation_name as collation,
       collationproperty(c.collation_name, 'CodePage') as code_page
from sys.columns c
where c.object_id = object_id(@1)
order by c.column_id`

/** A filtered index says nothing of the rows that it leaves out. */
const UNIQUE_KEYS = `
select i.name,
       c.name as column_name
from sys.indexes i
join sys.index_columns ic on ic.object_id = i.object_id and ic.index_id = i.index_id
join sys.columns c on c.object_id = ic.object_id and c.column_id = ic.column_id
where i.object_id = object_id(@1)
  and i.is_unique = 1
  and i.is_disabled = 0
  and i.has_filter = 0
  and i.is_hypothetical = 0
  and ic.key_ordinal > 0
order by i.index_id, ic.key_ordinal`

/** In brackets: `[order]`. */
export const quote = (identifier: string): string => `[${identifier.replaceAll(']', ']]')}]`

/** Four reads of the catalog, on first use. */
export function* describeMssqlTable(table: TableName): Generator<Statement, TableDescription | null, Reply> {
  const parameters = [(table.schema === null ? '' : `${quote(table.schema)}.`) + quote(table.name)]
  const server = (yield SERVER).rows[0]
  const found = (yield { sql: TABLE, parameters }).rows[0]
  if (found === undefined) return null
  const columns = (yield { sql: COLUMNS, parameters }).rows.map(describeMssqlColumn)
  const keys = new Map<string, string[]>()
  for (const part of (yield { sql: UNIQUE_KEYS, parameters }).rows) {
    const key = String(part['name'])
    keys.set(key, [...(keys.get(key) ?? []), String(part['column_name']).toLowerCase()])
  }
  return {
    table: { schema: String(found['schema_name']), name: String(found['name']) },
    columns: new Map(columns.map((column) => [column.name.toLowerCase(), column])),
    uniqueKeys: [...keys.values()],
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
