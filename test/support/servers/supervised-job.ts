/** What the tests' process tells a supervisor, as one line of JSON on its stdin. */
export interface SupervisedJob {
  /** Made by the supervisor and removed at its end: the only process that knows of the folder is the one that cannot forget it. */
  readonly folder: string
  /** Folders to make in it. */
  readonly subfolders?: readonly string[]
  /** Files to write into it, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Whom the folder and all in it belongs to. Default: the supervisor's own user. */
  readonly owner?: Account
  /** Run one after the other before the server; each must exit with 0. */
  readonly prepare: readonly Command[]
  /** The server, running in the foreground, ended by SIGTERM. */
  readonly server: Command
  /** Run once the server has ended, whatever happened. */
  readonly cleanUp?: Command
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly account?: Account
  /** Not killed when everything is stopped, but waited for: something outside goes on when the command is gone. */
  readonly uninterrupted?: true
}

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** How a server is brought down: by SIGKILL, or by SIGTERM, as its service manager would. */
export type Downfall = 'kill' | 'terminate'

/** What a supervisor is told afterwards, one word a line. A server that was brought down stays so until `start`. */
export type SupervisorOrder = Downfall | 'start'

/** What a supervisor answers, one line of JSON each on its stdout. `ended`: the server did so without being asked to. */
export type SupervisorNews = { readonly news: 'started' | 'down' } | { readonly news: 'ended'; readonly what: string }

export const LOG_NAME = 'output.log'
