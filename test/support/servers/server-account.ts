import { runCommand } from './run-command.ts'
import type { Account } from './supervised-job.ts'

/** Debian's and Ubuntu's `nobody` and `nogroup`. */
const NOBODY: Account = { uid: 65534, gid: 65534 }

/** As whom a private server runs: the servers refuse to be root, so root steps down to nobody. Undefined: as whoever runs the tests. */
export const SERVER_ACCOUNT = process.getuid?.() === 0 ? NOBODY : undefined

/** A cache or temporary folder under /root is out of reach for nobody; the server's own message would not say why. */
export async function assertServerCanEnter(path: string, variable: string): Promise<void> {
  if (!SERVER_ACCOUNT) return
  const { ok } = await runCommand('test', ['-x', path], { account: SERVER_ACCOUNT, timeoutMs: 5_000 })
  if (!ok) {
    throw new Error(
      `The servers run as "nobody" (they refuse to be root), who may not enter ${path}. ` +
        `Set ${variable} to a folder that every user may enter.`,
    )
  }
}
