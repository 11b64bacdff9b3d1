import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Line } from './mysql-line.ts'
import type { Intercept, Interception } from './mysql-line.ts'

/** What becomes of the next statement that matches. */
export type Fate =
  /** It never reaches the server, and the connection breaks. */
  | 'cut before'
  /** The server does it; then the connection breaks, and its answer is lost. */
  | 'cut after'
  /** The server does it, and its answer never comes. */
  | 'no answer'

const FATES = {
  'cut before': { at: 'arrival', act: (line) => line.cut(), passOn: false },
  'cut after': { at: 'answer', act: (line) => line.cut(), passOn: false },
  'no answer': { at: 'answer', passOn: false },
} as const satisfies Record<Fate, Interception>

/** A wire between client and server that breaks when it is told to. It knows MySQL's packets by their heads only. */
export interface Proxy {
  readonly url: string
  /** The text of every statement that a client has sent, prepared ones each time they are executed. */
  readonly statements: string[]
  /** The next statement that matches meets its fate, once. */
  arm(pattern: RegExp, fate: Fate): void
  /** Breaks every line; `false` refuses new ones, too. */
  open(accepting: boolean): Promise<void>
  close(): Promise<void>
}

/** @param intercept sees every statement, and says what becomes of it; for tests that arm one at a time, `arm` does */
export async function openProxy(serverUrl: string, intercept?: Intercept): Promise<Proxy> {
  const target = new URL(serverUrl)
  const statements: string[] = []
  const lines = new Set<Line>()
  let armed: { readonly pattern: RegExp; readonly fate: Fate } | null = null

  const byArm: Intercept = ({ text }) => {
    statements.push(text)
    if (armed?.pattern.test(text) !== true) return null
    const { fate } = armed
    armed = null
    return FATES[fate]
  }
  const server = createServer((client) => {
    const line = new Line(client, connect(Number(target.port), target.hostname), intercept ?? byArm)
    lines.add(line)
    client.once('close', () => lines.delete(line))
  })
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const breakLines = (): void => {
    for (const line of lines) line.cut()
  }
  const port = await listen(0)
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    breakLines()
    await closed
  }
  const url = new URL(serverUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    statements,
    arm(pattern, fate) {
      armed = { pattern, fate }
    },
    async open(accepting) {
      await stop()
      if (accepting) await listen(port)
    },
    close: stop,
  }
}
