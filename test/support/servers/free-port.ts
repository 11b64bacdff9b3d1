import { createServer, type AddressInfo } from 'node:net'

/** A port on 127.0.0.1 that is free now. Somebody may take it before the server does, so the caller must be ready to try another. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
