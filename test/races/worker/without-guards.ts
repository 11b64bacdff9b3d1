import type { Adapter, Reply, Session } from '../../../src/adapters/adapter.ts'
import type { Dialect } from '../../../src/dialects/dialect.ts'
import type { Template } from '../../../src/sql.ts'
import { NAMES } from '../../../src/names.ts'
import type { Guard } from '../contest.ts'

/** The same adapter, with guards taken out of what it sends, or of how its answers are read. */
export function withoutGuards<Tx, Tables extends object>(
  adapter: Adapter<Tx, Tables>,
  guards: readonly Guard[],
): Adapter<Tx, Tables> {
  if (guards.length === 0) return adapter
  return {
    ...adapter,
    dialect: withoutGuardsInSql(adapter.dialect, guards),
    open(waiting) {
      const opened = adapter.open(waiting)
      return opened instanceof Promise
        ? opened.then((session) => readCarelessly(session, guards))
        : readCarelessly(opened, guards)
    },
  }
}

/** The parameters by which a condition of the UPDATE is known. */
const PARAMETER: Readonly<Partial<Record<Guard, string>>> = {
  'status guard': NAMES.state('waiting'),
  'claimed guard': NAMES.state('claimed'),
  'version guard': NAMES.version,
  'id guard': NAMES.id(0),
  'expect guard': NAMES.expect('amount'),
}

function withoutGuardsInSql(dialect: Dialect, guards: readonly Guard[]): Dialect {
  const dropped = guards.flatMap((guard) => PARAMETER[guard] ?? [])
  const isKept = (condition: Template): boolean => !condition.names.some((name) => dropped.includes(name))
  const loose = guards.includes('exact status') ? looselyCompared : (condition: Template) => condition
  return {
    ...dialect,
    *describe(table) {
      const described = yield* dialect.describe(table)
      if (described === null || !guards.includes('session status')) return described
      return { ...described, server: { ...described.server, autocommit: true } }
    },
    update: (clauses, surroundings) =>
      dialect.update({ ...clauses, where: clauses.where.filter(isKept).map(loose) }, surroundings),
    changed: (reply) => ({ ...dialect.changed(reply), ...(guards.includes('row count') && { rows: 1 }) }),
    read: (clauses, lock, surroundings) =>
      dialect.read(clauses, guards.includes('read lock') ? 'none' : lock, surroundings),
  }
}

/** `status = ? and cast(…) = cast(?)` → `status = ?` */
function looselyCompared(condition: Template): Template {
  const [byCollation] = condition.sql.split(' and ')
  const isStatus = condition.names.includes(NAMES.state('waiting'))
  return isStatus && byCollation !== undefined ? { sql: byCollation, names: [NAMES.state('waiting')] } : condition
}

function readCarelessly<Tx>(session: Session<Tx>, guards: readonly Guard[]): Session<Tx> {
  const { send } = session
  const careless = ({ session: status, ...reply }: Reply): Reply => ({
    ...reply,
    ...(status === undefined || guards.includes('session status') ? {} : { session: status }),
  })
  session.send = (statement) => {
    const reply = send.call(session, statement)
    return reply instanceof Promise ? reply.then(careless) : careless(reply)
  }
  return session
}
