import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { encodeReply } from './encode-reply.ts'
import type { ArmedFault } from './faults.ts'
import type { TdsLogin } from './login.ts'
import { acceptedLogin, preloginReply, readLogin, refusedLogin } from './login.ts'
import { isValidation, ownAnswer } from './own-answers.ts'
import type { Message } from './packets.ts'
import { MessageReader, PACKET, replyMessage } from './packets.ts'
import type { Reply } from './reply.ts'
import { error, output, rolledBack } from './reply.ts'
import type { TdsRequest } from './requests.ts'
import { readRequest } from './requests.ts'
import type { TdsHost } from './script.ts'
import { TdsSession } from './session.ts'
import { DONE, done, environment } from './tokens.ts'

interface Running {
  readonly request: TdsRequest
  readonly preamble: Buffer
  readonly gone: AbortController
  deaf: boolean
}

const PACKET_SIZE = 4096
/** https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-error-severities */
const FATAL_SEVERITY = 20

/** One client from its first to its last byte: who speaks when, and what an attention does. */
export class TdsConnection {
  readonly #socket: Socket
  readonly #host: TdsHost
  readonly #reader = new MessageReader()
  /** The socket is closed, and the script has been told. */
  readonly closed: Promise<void>
  #session: TdsSession | null = null
  /** What the server does before it notices that the client is gone. */
  #late: Promise<unknown> | null = null
  #running: Running | null = null

  constructor(socket: Socket, host: TdsHost) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    // A client that goes without a word is nothing unusual; 'close' follows.
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#end()
        resolve()
      }
      socket.on('close', () => {
        if (this.#late === null) end()
        else void this.#late.then(end)
      })
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.push(chunk)) this.#dispatch(message)
    } catch (problem) {
      this.#host.failed(problem)
      this.destroy()
    }
  }

  #dispatch(message: Message): void {
    const session = this.#session
    if (message.type === PACKET.prelogin) this.#send(preloginReply())
    else if (message.type === PACKET.login7) this.#login(readLogin(message.payload))
    else if (!session) throw new Error(`A message of type ${message.type} came before the login.`)
    else if (message.type === PACKET.attention) this.#attention(session)
    else if (message.ignore) this.#send(done(DONE.error))
    else if (session.initialSql === null) this.#initialSql(message, session)
    else void this.#serve(message, session)
  }

  #login(login: TdsLogin): void {
    const refusal = this.#host.script.login?.(login) ?? null
    if (refusal === 'hang') return
    if (refusal === 'cut') {
      this.destroy()
    } else if (refusal) {
      this.#socket.end(this.#message(refusedLogin('message' in refusal ? [refusal] : refusal)))
    } else {
      this.#session = new TdsSession(this.#host.nextSessionId(), { login, cut: () => this.destroy() })
      this.#host.loggedIn(this.#session)
      // The packets of this very message have the size from before.
      this.#socket.write(replyMessage(acceptedLogin(login), { packetSize: PACKET_SIZE, spid: this.#session.id }))
    }
  }

  #initialSql(message: Message, session: TdsSession): void {
    session.initialSql = readRequest(message, session.prepared).sql
    this.#send(done(DONE.final))
  }

  async #serve(message: Message, session: TdsSession): Promise<void> {
    try {
      if (this.#running) throw new Error('A request came before the one before it was answered.')
      const expected = session.transaction
      const request = readRequest(message, session.prepared)
      const preamble = message.resetConnection ? this.#reset(session) : Buffer.alloc(0)
      const running = { request, preamble, gone: new AbortController(), deaf: false }
      this.#running = running
      this.#log(request, session)
      const fault = this.#host.faults.of(request, session)
      await this.#carryOut(running, { session, expected, fault })
    } catch (problem) {
      this.#host.failed(problem)
      this.destroy()
    }
  }

  #log(request: TdsRequest, session: TdsSession): void {
    if (isValidation(request)) {
      session.validations += 1
    } else {
      session.requests.push(request)
      this.#host.received(request)
    }
  }

  /** MS-TDS 2.2.7.9 "ENVCHANGE", type 18: the reset is acknowledged before anything else is answered. */
  #reset(session: TdsSession): Buffer {
    session.resets += 1
    const descriptor = session.endTransaction()
    session.prepared.clear()
    this.#host.script.reset?.(session)
    return Buffer.concat([environment.connectionReset(), ...(descriptor ? [environment.rolledBack(descriptor)] : [])])
  }

  async #carryOut(
    running: Running,
    { session, expected, fault }: { session: TdsSession; expected: Buffer | null; fault: ArmedFault | null },
  ): Promise<void> {
    const answer = () => this.#answer(running, session, expected)
    const what = fault?.order.do
    switch (what) {
      case undefined:
        this.#reply(await answer())
        break
      case 'hang':
        running.deaf = true
        break
      case 'swallow':
        await answer()
        break
      case 'cut before':
        this.destroy()
        break
      case 'cut after':
        await answer()
        this.destroy()
        break
      case 'cut midway': {
        const bytes = this.#message((await answer()) ?? Buffer.alloc(0))
        await new Promise((resolve) => this.#socket.write(bytes.subarray(0, bytes.length / 2), resolve))
        this.destroy()
        break
      }
      default: {
        fault?.strike()
        if ('lateAfter' in what) {
          this.#late = what.lateAfter.then(answer)
          this.destroy()
        } else if ('delayMs' in what) {
          await pause(what.delayMs, undefined, { signal: running.gone.signal }).catch(() => undefined)
          this.#reply(running.gone.signal.aborted ? null : await answer())
        } else {
          const parts = [error(what.error), ...(what.rolledBack ? [rolledBack()] : [])]
          this.#reply(this.#encode(running, parts, session))
        }
        return
      }
    }
    fault?.strike()
  }

  /** Null if nobody waits for the answer any more. */
  async #answer(running: Running, session: TdsSession, expected: Buffer | null): Promise<Buffer | null> {
    const { request, gone } = running
    let reply: Reply
    try {
      reply = ownAnswer(request, session, expected) ?? (await this.#host.script.answer(request, session, gone.signal))
    } catch (problem) {
      if (gone.signal.aborted) return null
      this.#host.failed(problem)
      reply = [error({ number: 50_000, message: `The script of the TDS double failed: ${String(problem)}` })]
    }
    return gone.signal.aborted ? null : this.#encode(running, reply, session)
  }

  #encode({ request, preamble }: Running, reply: Reply, session: TdsSession): Buffer {
    const failed = reply.some(({ part }) => part === 'error')
    const prepares = request.procedure?.toLowerCase() === 'sp_prepexec' && !failed
    const whole = prepares ? [...reply, output('@handle', 'int', session.prepare(request))] : reply
    const fatal = reply.some((part) => part.part === 'error' && (part.details.class ?? 0) >= FATAL_SEVERITY)
    if (fatal) setImmediate(() => this.#socket.end())
    return Buffer.concat([preamble, encodeReply(request, whole, session)])
  }

  /** Null is an answer that came too late. */
  #reply(payload: Buffer | null): void {
    if (payload === null) return
    this.#running = null
    this.#send(payload)
  }

  /**
   * MS-TDS 2.2.1.7 "Attention": the running request is answered, cut short, and then the attention is acknowledged, in
   * a message of its own. One that comes when the request has been answered is acknowledged alone.
   */
  #attention(session: TdsSession): void {
    session.attentions += 1
    const running = this.#running
    if (this.#host.ignoresAttentions || running?.deaf) return
    if (running) {
      this.#running = null
      running.gone.abort()
      const parts = this.#host.script.cancelled?.(running.request, session) ?? []
      const batch: TdsRequest = { ...running.request, kind: 'batch' }
      this.#send(Buffer.concat([running.preamble, encodeReply(batch, parts, session)]))
    }
    this.#send(done(DONE.attention))
  }

  #message(payload: Buffer): Buffer {
    const packetSize = this.#session?.login.packetSize ?? PACKET_SIZE
    return replyMessage(payload, { packetSize, spid: this.#session?.id ?? 0 })
  }

  #send(payload: Buffer): void {
    if (this.#socket.writable) this.#socket.write(this.#message(payload))
  }

  #end(): void {
    this.#running?.gone.abort()
    this.#running = null
    if (!this.#session) return
    this.#session.markClosed()
    this.#host.script.closed?.(this.#session)
  }
}
