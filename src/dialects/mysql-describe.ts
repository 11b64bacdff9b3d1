import type { Reply } from '../adapters/adapter.ts'
import type { Statement } from '../sql.ts'
import { plain } from '../sql.ts'
import { asText } from './values.ts'
import type { ColumnDescription, TableDescription, TableName } from './dialect.ts'

const SERVER = plain(`
select cast(version() as char) as version,
       cast(@@sql_mode as char) as sql_mode,
       cast(@@character_set_client as char) as character_set,
       cast(@@autocommit + 0 as char) as autocommit`)

const TABLE = `
select cast(t.table_type as char) as table_type,
       cast(t.engine as char) as engine,
       cast(e.transactions as char) as transactions
from information_schema.tables t
left join information_schema.engines e on e.engine = t.engine
where t.table_schema = coalesce(?, database())
  and t.table_name = ?`

const COLUMNS = `
select cast(column_name as char) as name,
       cast(column_type as char) as type,
       cast(is_nullable as char) as nullable,
       cast(character_set_name as char) as character_set,
       cast(collation_name as char) as collation,
       cast(character_maximum_length as char) as max_length
from information_schema.columns
where table_schema = coalesce(?, database())
  and table_name = ?
order by ordinal_position`

const UNIQUE_KEYS = `
select cast(index_name as char) as name,
       cast(column_name as char) as column_name
from information_schema.statistics
where table_schema = coalesce(?, database())
  and table_name = ?
  and non_unique = 0
order by index_name, seq_in_index`

/** Four reads of the data dictionary, on first use. */
export function* describeMysqlTable(table: TableName): Generator<Statement, TableDescription | null, Reply> {
  const parameters = [table.schema, table.name]
  const server = (yield SERVER).rows[0]
  const found = (yield { sql: TABLE, parameters }).rows[0]
  if (found === undefined) return null
  const columns = (yield { sql: COLUMNS, parameters }).rows
  const keyParts = (yield { sql: UNIQUE_KEYS, parameters }).rows

  const sqlMode = asText(server?.['sql_mode']) ?? ''
  const version = asText(server?.['version']) ?? ''
  return {
    table,
    columns: new Map(columns.map((row) => [String(row['name']).toLowerCase(), describeColumn(row)])),
    uniqueKeys: groupKeys(keyParts),
    filteredKeys: [],
    unfit: unfitReason(found),
    server: {
      version,
      isMariaDb: /mariadb/i.test(version),
      unfitSession: unfitSession(sqlMode, asText(server?.['character_set']) ?? ''),
      autocommit: asText(server?.['autocommit']) !== '0',
      tellsTransactionId: false,
      noBackslashEscapes: /NO_BACKSLASH_ESCAPES/i.test(sqlMode),
    },
  }
}

function describeColumn(row: Readonly<Record<string, unknown>>): ColumnDescription {
  const type = String(row['type'])
  const maxLength = asText(row['max_length'])
  return {
    name: String(row['name']),
    type: type.toLowerCase(),
    nullable: row['nullable'] === 'YES',
    characterSet: asText(row['character_set']),
    collation: asText(row['collation']),
    members: /^enum\(/i.test(type)
      ? [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, member]) => (member ?? '').replaceAll("''", "'"))
      : null,
    maxLength: maxLength === null ? null : Number(maxLength),
  }
}

/** A key over an expression has parts without a column; it says nothing of the columns and is left out. */
function groupKeys(parts: Reply['rows']): string[][] {
  const keys = new Map<string, (string | null)[]>()
  for (const part of parts) {
    const name = String(part['name'])
    keys.set(name, [...(keys.get(name) ?? []), asText(part['column_name'])?.toLowerCase() ?? null])
  }
  return [...keys.values()].filter((columns): columns is string[] => !columns.includes(null))
}

function unfitReason(found: Readonly<Record<string, unknown>>): string | null {
  const type = String(found['table_type'])
  if (type.includes('VIEW')) return 'is a view. Name the table under it'
  if (found['transactions'] !== 'YES') {
    return `is stored by ${String(found['engine'])}, which cannot roll back: a claim could stand without its effect. Use InnoDB`
  }
  return null
}

/** Text that is changed on its way would name another order; worse, a letter could become a quotation mark. */
function unfitSession(sqlMode: string, characterSet: string): string | null {
  if (!characterSet.startsWith('utf8')) {
    return `the connections speak ${characterSet}, in which not every id arrives as it is. Set the pool's charset to utf8mb4`
  }
  if (/PAD_CHAR_TO_FULL_LENGTH/i.test(sqlMode)) {
    return 'sql_mode has PAD_CHAR_TO_FULL_LENGTH, under which CHAR columns are not read as they were written. Take it out'
  }
  return null
}
