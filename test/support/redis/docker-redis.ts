import { randomBytes } from 'node:crypto'
import { startPrivateServer, type RunningServer } from '../servers/private-server.ts'
import { runCommand } from '../servers/run-command.ts'
import { REDIS_PLAN } from './start-redis.ts'

const IMAGE = 'redis:7'

/** A container bound to a random port of 127.0.0.1; the supervisor removes it at the end. It cannot be brought down. */
export async function startRedisInDocker(): Promise<RunningServer> {
  const { url, version, stop } = await startPrivateServer({
    ...REDIS_PLAN,
    prepareLimitMs: 600_000,
    async job({ folder, port, password }) {
      const name = `claim-once-redis-${randomBytes(6).toString('hex')}`
      const present = await runCommand('docker', ['image', 'inspect', IMAGE], { timeoutMs: 10_000 })
      const options = ['--rm', '--name', name, '--publish', `127.0.0.1:${port}:6379`]
      const server = ['redis-server', '--requirepass', password, '--save', '']
      return {
        folder,
        prepare: [
          ...(present.ok ? [] : [{ program: 'docker', args: ['pull', '--quiet', IMAGE] }]),
          // The engine would still make the container after the clean-up had looked for it.
          { program: 'docker', args: ['create', ...options, IMAGE, ...server], uninterrupted: true },
        ],
        // In the foreground, so that the supervisor's SIGTERM is passed on to the server.
        server: { program: 'docker', args: ['start', '--attach', name] },
        cleanUp: { program: 'docker', args: ['rm', '--force', '--volumes', name] },
      }
    },
  })
  return { url, version, stop }
}
