import type { EventEmitter } from 'node:events'
import { ClaimError } from '../errors.ts'
import type { TransactionWatch } from '../watch.ts'

type Callback = (error: unknown, ...results: unknown[]) => void

/** mysql2's own connection, as far as it is used here. */
export interface CoreConnection extends EventEmitter {
  readonly threadId: number | null
  query(options: object, callback: Callback): unknown
  execute(options: object, callback: Callback): unknown
  promise(): object
  release(): void
  destroy(): void
  addCommand(command: Command): Command
}

/** A statement, or another request, on its way into mysql2's queue. */
interface Command extends EventEmitter {
  readonly sql?: unknown
  readonly query?: unknown
  onResult?: Callback | undefined
}

export interface WatchedConnection {
  /** What the effect gets. */
  readonly handle: CoreConnection
  /** Sends something of ours, past the watch. */
  readonly unwatched: <T>(send: () => T) => T
  /** Takes the watch off the connection; the handle stays dead. */
  readonly end: () => void
}

/** They would give the connection away, or close it, in the middle of the claim. */
const FORBIDDEN = ['release', 'destroy', 'end', 'close', 'changeUser', 'reset']

/**
 * Puts a watch on a connection: every request of the effect passes it.
 *
 * Every request, by whichever method of mysql2 and in either style, goes through `connection.addCommand`. The watch is
 * laid over it on the connection itself as long as the effect runs, so that a statement that was prepared before, or
 * the connection got at in another way, is seen too; and on the handle for good, so that it is dead afterwards.
 */
export function watchConnection(connection: CoreConnection, watch: TransactionWatch): WatchedConnection {
  const { addCommand } = connection
  let ours = false
  const forward = (command: Command): Command => {
    // mysql2 lays its own over it once the connection is closed: then every command is answered with an error.
    const current = connection.addCommand
    return (current === overlay ? addCommand : current).call(connection, command)
  }
  const pass = (command: Command): Command => {
    // Frees a prepared statement, has no answer, and may come at any time: mysql2 evicts them from its cache.
    if (command.constructor.name === 'CloseStatement') return forward(command)
    let sent = false
    const send = (): Promise<void> => {
      sent = true
      return answerOf(connection, command, forward, handle)
    }
    // What was sent has told its failure to the effect already, by its own callback.
    watch.pass(textOf(command), send).catch((error: unknown) => sent || refuse(command, error))
    return command
  }
  const overlay = (command: Command): Command => (ours ? forward(command) : pass(command))
  connection.addCommand = overlay

  const handle: CoreConnection = new Proxy(connection, {
    get(target, property) {
      if (property === 'addCommand') return pass
      if (typeof property === 'string' && FORBIDDEN.includes(property)) return () => forbid(property)
      return Reflect.get(target, property) as unknown
    },
  })
  return {
    handle,
    unwatched(send) {
      ours = true
      try {
        return send()
      } finally {
        ours = false
      }
    },
    end() {
      // Not deleted: V8 would look everything of this connection up by name from then on, for as long as it lives.
      if (connection.addCommand === overlay) connection.addCommand = addCommand
    },
  }
}

/** Forwards a command; the promise is settled when it is answered, or the connection is lost. */
function answerOf(
  connection: CoreConnection,
  command: Command,
  forward: (command: Command) => Command,
  handle: CoreConnection,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { onResult } = command
    if (onResult === undefined) {
      const lost = (error: unknown): void => reject(error)
      command.once('error', lost)
      connection.once('error', lost)
      command.once('end', () => connection.off('error', lost))
    } else {
      command.onResult = (error, ...results) => {
        if (error !== null && error !== undefined) reject(error)
        onResult(error, ...results.map((result) => boundTo(handle, result)))
      }
    }
    command.once('end', () => resolve())
    forward(command)
  })
}

/**
 * A prepared statement sends through the connection it knows. The effect gets one of its own that knows the handle, so
 * that it is watched, and dead afterwards; mysql2's, in its cache, stays as it is.
 */
function boundTo(handle: CoreConnection, result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !Object.hasOwn(result, '_connection')) return result
  const copy = Object.create(Object.getPrototypeOf(result) as object) as object
  return Object.assign(copy, result, { _connection: handle })
}

/**
 * Answers a command that was not sent. An EXECUTE whose PREPARE was refused has been answered with it: mysql2 then
 * lays its own `start` over the command's.
 */
function refuse(command: Command, error: unknown): void {
  process.nextTick(() => {
    if (Object.hasOwn(command, 'start')) return
    if (command.onResult !== undefined) command.onResult(error)
    else if (command.listenerCount('error') > 0) command.emit('error', error)
  })
}

/** The text of a query, of an EXECUTE (`sql`) or of a PREPARE (`query`); other requests are known by their class. */
function textOf(command: Command): string {
  if (typeof command.sql === 'string') return command.sql
  return typeof command.query === 'string' ? command.query : command.constructor.name
}

function forbid(method: string): never {
  throw new ClaimError(
    'CLAIM_EFFECT_MISUSE',
    `The effect called ${method}() on the claim's own connection, which was not done. The connection is given back by the claim.`,
  )
}
