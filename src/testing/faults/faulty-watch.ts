import type { TransactionWatch } from '../../watch.ts'

type Send = () => unknown

/**
 * A watch by which the statements of an effect pass the faults on their way from the watch to the driver, so that the
 * watch sees an injected error as it sees the server's own.
 *
 * @param send sends a statement, or lets it fail
 */
export function faultyWatch(watch: TransactionWatch, send: (sql: string, send: Send) => unknown): TransactionWatch {
  const pass = (sql: string, sendIt: Send): Promise<unknown> => watch.pass(sql, async () => await send(sql, sendIt))
  const passAtOnce = (sql: string, sendIt: Send): unknown =>
    watch.passAtOnce(sql, () => {
      // SQLite's handle passes what only prepares a statement as a bare word.
      if (sql === PREPARES) return sendIt()
      const answer = send(sql, sendIt)
      if (!(answer instanceof Promise)) return answer
      answer.catch(() => {})
      throw new TypeError('The effect of this driver is answered at once, and cannot be slowed down.')
    })
  return new Proxy(watch, {
    get(target, property) {
      if (property === 'pass') return pass
      if (property === 'passAtOnce') return passAtOnce
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

const PREPARES = 'select'
