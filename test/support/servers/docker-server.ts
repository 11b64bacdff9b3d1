import { randomBytes } from 'node:crypto'
import type { Lane } from './lanes.ts'
import { startPrivateDatabase } from './private-database.ts'
import type { RunningServer } from './private-server.ts'
import { runCommand } from './run-command.ts'
import { SERVER_OPTIONS } from './server-options.ts'
import type { Command } from './supervised-job.ts'

let engine: Promise<boolean> | undefined

/** A docker command without an engine behind it says so at once, or hangs; a working engine answers well within the limit. */
export function dockerWorks(): Promise<boolean> {
  engine ??= runCommand('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 2_000 }).then(
    // Older commands exit with 0 although no engine answered, and leave the version empty.
    ({ ok, stdout }) => ok && /^\d/.test(stdout.trim()),
  )
  return engine
}

/** A container bound to a random port of 127.0.0.1; the supervisor removes it, with its volume, at the end. */
export async function startInDocker(lane: Lane): Promise<RunningServer> {
  const { url, version, stop } = await startPrivateDatabase(lane, {
    prepareLimitMs: 600_000,
    // The images let root log in from everywhere, with the password given.
    firstUser: 'root',
    async job({ folder, port, password }) {
      const name = `claim-once-${lane.name}-${randomBytes(6).toString('hex')}`
      const present = await runCommand('docker', ['image', 'inspect', lane.image], { timeoutMs: 10_000 })
      const variable = lane.product === 'mariadb' ? 'MARIADB_ROOT_PASSWORD' : 'MYSQL_ROOT_PASSWORD'
      const options = ['--rm', '--name', name, '--publish', `127.0.0.1:${port}:3306`, '--env', variable]
      const create: Command = {
        program: 'docker',
        args: ['create', ...options, lane.image, ...SERVER_OPTIONS],
        env: { [variable]: password },
        // The engine would still make the container after the clean-up had looked for it.
        uninterrupted: true,
      }
      return {
        folder,
        prepare: [...(present.ok ? [] : [{ program: 'docker', args: ['pull', '--quiet', lane.image] }]), create],
        // In the foreground, so that the supervisor's SIGTERM is passed on to the server.
        server: { program: 'docker', args: ['start', '--attach', name] },
        cleanUp: { program: 'docker', args: ['rm', '--force', '--volumes', name] },
      }
    },
  })
  // It cannot be brought down: what the supervisor would kill is the command, and the container would go on.
  return { url, version, stop }
}
