import { createClient } from 'redis'

/** Rejects where nobody answers, or where the server is still loading what it had kept. */
export async function redisVersion(url: string): Promise<string> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 5_000 } })
  // What is wrong is told by the rejection of `connect` and of the command.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.sendCommand(['PING'])
    return /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1] ?? 'unknown'
  } finally {
    if (client.isOpen) client.destroy()
  }
}
