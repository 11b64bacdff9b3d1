import { transactionOver } from '../watch.ts'
import type { TransactionWatch } from '../watch.ts'
import type { MakeRequest, TediousConnection, TediousRequest } from './mssql-connection.ts'

export interface Lent {
  /** Stands for the connection. */
  readonly connection: TediousConnection
  /** From now on nothing gets through it. */
  readonly takeBack: () => void
}

/** tedious' event, by which mssql.Transaction would let go of the connection. It is ours. */
const ROLLED_BACK = 'rollbackTransaction'

/** What mssql takes its listeners off with. */
const LISTENING = ['on', 'once', 'off', 'addListener', 'removeListener']

/**
 * A connection for an `mssql.Transaction`, and for whatever borrows it from there, for a Request or for as long as a
 * PreparedStatement lives. When the claim is over the connection is somebody else's, and this one is dead.
 *
 * @param begin in the place of the transaction's own `begin`
 */
export function lend(connection: TediousConnection, begin: () => Promise<void>): Lent {
  let over = false
  const proxy: TediousConnection = new Proxy(connection, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function' || typeof property !== 'string') return value
      if (LISTENING.includes(property)) {
        return (event: string, listener: unknown) => {
          if (event !== ROLLED_BACK) Reflect.apply(value, target, [event, listener])
          return proxy
        }
      }
      if (property === 'beginTransaction') {
        return (done: (error?: unknown) => void) => void begin().then(() => done(), done)
      }
      return (...given: readonly unknown[]): unknown => (over ? refuse(given[0]) : Reflect.apply(value, target, given))
    },
  })
  return { connection: proxy, takeBack: () => (over = true) }
}

function refuse(request: unknown): void {
  if (typeof request !== 'object' || request === null || !('callback' in request)) return
  const { callback } = request
  if (typeof callback === 'function') process.nextTick(() => void Reflect.apply(callback, request, [transactionOver()]))
}

export interface WatchedConnection {
  /** Sends something of ours, past the watch. */
  readonly unwatched: (send: () => void) => void
  readonly end: () => void
}

/** Lays the watch over the connection: every request of the effect, by whichever of mssql's classes, passes it. */
export function watchConnection(connection: TediousConnection, watch: TransactionWatch): WatchedConnection {
  const { makeRequest } = connection
  let ours = false
  const overlay: MakeRequest = (request, type, payload) => {
    const forward = (): void => makeRequest.call(connection, request, type, payload)
    if (ours) {
      forward()
      return
    }
    let sent = false
    const send = (): Promise<void> => {
      sent = true
      return answered(request, forward)
    }
    // What was sent has told its failure to the effect already, by its own callback.
    watch.pass(textOf(request), send).catch((error: unknown) => sent || request.callback(error))
  }
  connection.makeRequest = overlay
  return {
    unwatched(send) {
      ours = true
      try {
        send()
      } finally {
        ours = false
      }
    },
    end() {
      if (connection.makeRequest === overlay) Reflect.deleteProperty(connection, 'makeRequest')
    },
  }
}

/** Forwards a request; settled when it is answered. */
function answered(request: TediousRequest, forward: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const { callback } = request
    request.callback = (error, ...results) => {
      request.callback = callback
      if (error === null || error === undefined) resolve()
      else reject(error instanceof Error ? error : new Error('The request failed.', { cause: error }))
      callback.call(request, error, ...results)
    }
    forward()
  })
}

const textOf = ({ sqlTextOrProcedure: text }: TediousRequest): string =>
  typeof text === 'string' ? text : 'a request to the transaction manager'
