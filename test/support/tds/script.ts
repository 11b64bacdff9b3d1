import type { Faults } from './faults.ts'
import type { Refusal, TdsLogin } from './login.ts'
import type { Reply } from './reply.ts'
import type { TdsRequest } from './requests.ts'
import type { TdsSession } from './session.ts'

/** What plays the database. */
export interface TdsScript {
  /** What to answer. `gone` is aborted when an attention or the end of the session makes the answer useless. */
  answer(request: TdsRequest, session: TdsSession, gone: AbortSignal): Reply | Promise<Reply>
  /** Default: everybody may log in. */
  login?(login: TdsLogin): Refusal | null
  /** An attention ends a running request: what the server says of it before it acknowledges, such as `rolledBack()` under XACT_ABORT. */
  cancelled?(request: TdsRequest, session: TdsSession): Reply
  /** RESETCONNECTION: the open transaction is rolled back. The request that asked for it follows. */
  reset?(session: TdsSession): void
  /** The session is over; what it had open is rolled back. */
  closed?(session: TdsSession): void
}

/** What a connection needs of the server it belongs to. */
export interface TdsHost {
  readonly script: TdsScript
  readonly faults: Faults
  readonly ignoresAttentions: boolean
  nextSessionId(): number
  loggedIn(session: TdsSession): void
  received(request: TdsRequest): void
  /** The double does not understand the client, or the script failed: the test must hear of it. */
  failed(problem: unknown): void
}
