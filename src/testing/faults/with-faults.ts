import type { Adapter, Session, Waiting } from '../../adapters/adapter.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import { ArmedFaults } from './armed-faults.ts'
import type { Faults } from './armed-faults.ts'
import type { Fault, FiredFault } from './fault.ts'
import { FaultySession } from './faulty-session.ts'

/** Any adapter, whatever its handle and tables. */
export interface AnyAdapter {
  readonly dialect: Dialect
  readonly synchronous: boolean
  open(waiting: Waiting): unknown
  join(transaction: never): unknown
}

/** The settings of {@link withFaults}. */
export interface FaultOptions {
  /** Is told of every fault as it strikes: for a history. */
  readonly onFired?: (fired: FiredFault) => void
}

/** What {@link withFaults} adds to an adapter. */
export interface WithFaults {
  readonly faults: Faults
}

/**
 * The same adapter, with faults on its way to the database. It keeps its type, and what no fault strikes is sent as ever.
 *
 * A fault is played with the real connection: a deadlock rolls its transaction back, a lost connection is closed, before
 * or after the statement was carried out. The error that is thrown is the one the driver throws for it.
 *
 * @param adapter `mysql(pool)`, `mssql(pool)`, `kysely(db)`, `sqlite(db)`, `inMemory(…).database`
 * @param faults those that are armed from the beginning, when the table has not been described yet; `faults.arm` arms others
 * @throws {TypeError} for a fault that cannot strike, such as a `slow` one where every statement is answered at once
 *
 * @example
 * const database = withFaults(mysql(pool))
 * const orders = createClaims({ database, … })
 * database.faults.arm({ fault: 'lost after', on: 'commit' })
 * await orders.claimOnce(7, { effect: recharge }) // committed, and the answer lost
 * expect(database.faults.fired).toHaveLength(1)
 */
export function withFaults<Any extends AnyAdapter>(
  adapter: Any,
  faults: readonly Fault[] = [],
  { onFired = () => {} }: FaultOptions = {},
): Any & WithFaults {
  const armed = new ArmedFaults(adapter.synchronous, onFired)
  armed.arm(...faults)
  const real = adapter as unknown as Adapter<unknown, object>
  const struck = (session: Session<unknown>, joined: boolean): Session<unknown> =>
    new FaultySession(session, real.dialect, armed, joined)
  return Object.freeze({
    ...adapter,
    faults: armed,
    open(waiting: Waiting): Session<unknown> | Promise<Session<unknown>> {
      const opened = real.open(waiting)
      return opened instanceof Promise ? opened.then((session) => struck(session, false)) : struck(opened, false)
    },
    join: (transaction: unknown) => struck(real.join(transaction), true),
  })
}
