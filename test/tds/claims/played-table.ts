import type { Reply } from '../../support/tds/reply.ts'
import { rows } from '../../support/tds/reply.ts'

/** What SQL Server's catalog says of a played table. */
export interface PlayedTable {
  readonly name: string
  readonly columns: readonly (readonly [name: string, type: string, maxLength: number, collation?: string])[]
  readonly notNull: readonly string[]
  readonly uniqueKeys: readonly {
    readonly name: string
    readonly column_name: string
    readonly filter: string | null
  }[]
}

const COLUMNS: PlayedTable['columns'] = [
  ['order_id', 'int', 4],
  ['status', 'varchar', 10, 'Latin1_General_CI_AS'],
  ['row_version', 'timestamp', 8],
  ['claim_token', 'char', 36, 'Latin1_General_CI_AS'],
  ['claimed_at', 'datetime2', 8],
  ['gateway_txn', 'varchar', 64, 'Latin1_General_CI_AS'],
  ['amount', 'decimal', 9],
  ['lease_until', 'datetime2', 8],
  ['attempts', 'int', 4],
  ['last_error', 'varchar', 200, 'Latin1_General_CI_AS'],
  ['result', 'varchar', -1, 'Latin1_General_CI_AS'],
]

const ORDERS: PlayedTable = {
  name: 'orders',
  columns: COLUMNS,
  notNull: ['order_id', 'status'],
  uniqueKeys: [{ name: 'pk', column_name: 'order_id', filter: null }],
}

/** The answer to a question of the description; `null` where the statement is none. */
export function catalogAnswer(
  sql: string,
  insteadOfTriggers: number,
  implicit: boolean,
  table: PlayedTable = ORDERS,
): Reply | null {
  if (sql.includes("serverproperty('ProductVersion')")) {
    const columns = { version: 'nvarchar(128)', implicit_transactions: 'int' } as const
    return [rows(columns, [{ version: '16.0.4150.1', implicit_transactions: implicit ? 2 : 0 }])]
  }
  if (sql.includes('from sys.objects o')) {
    return [
      rows(
        {
          object_id: 'int',
          schema_name: 'nvarchar(128)',
          name: 'nvarchar(128)',
          type: 'nvarchar(2)',
          is_memory_optimized: 'bit',
          instead_of_update: 'int',
        },
        [
          {
            object_id: 7,
            schema_name: 'dbo',
            name: table.name,
            type: 'U',
            is_memory_optimized: false,
            instead_of_update: insteadOfTriggers,
          },
        ],
      ),
    ]
  }
  if (sql.includes('from sys.columns c\nwhere')) {
    return [
      rows(
        {
          name: 'nvarchar(128)',
          type: 'nvarchar(128)',
          max_length: 'int',
          precision: 'int',
          scale: 'int',
          is_nullable: 'bit',
          collation: 'nvarchar(128)',
          code_page: 'int',
        },
        table.columns.map(([name, type, maxLength, collation]) => ({
          name,
          type,
          max_length: maxLength,
          precision: type === 'decimal' ? 12 : 0,
          scale: type === 'decimal' ? 2 : type === 'datetime2' ? 6 : 0,
          is_nullable: !table.notNull.includes(name),
          collation: collation ?? null,
          code_page: collation === undefined ? null : 1252,
        })),
      ),
    ]
  }
  if (sql.includes('from sys.indexes i')) {
    return [rows({ name: 'nvarchar(128)', column_name: 'nvarchar(128)', filter: 'nvarchar(200)' }, table.uniqueKeys)]
  }
  if (/ as same$/.test(sql)) return [rows({ same: 'int' }, [{ same: 0 }])]
  return null
}
