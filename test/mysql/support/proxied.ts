import { afterAll, beforeAll } from 'vitest'
import { isUnknownClaimError } from '../../../src/index.ts'
import type { UnknownClaimError } from '../../../src/index.ts'
import { openClient } from './client.ts'
import type { Client } from './client.ts'
import { leaseSetting } from './lease-setting.ts'
import type { LeaseSetting } from './lease-setting.ts'
import { openProxy } from '../../support/mysql-proxy.ts'
import type { Proxy } from '../../support/mysql-proxy.ts'
import { onEveryClient } from './setting.ts'
import { failureOf } from './wait.ts'

export const COMMIT = /^commit$/i
export const UPDATE = /(?:^|\n)update `orders`/

export interface ProxiedSetting extends LeaseSetting {
  /** The line of {@link LeaseSetting.client}, which breaks when it is told to. */
  readonly proxy: Proxy
  /** What a bare claim is made by: its last statement. */
  readonly bareClaim: RegExp
}

/** The same over a line that breaks when it is told to. */
export function onProxiedClient(body: (setting: ProxiedSetting) => void): void {
  onEveryClient((setting) => {
    let proxy: Proxy
    let client: Client
    beforeAll(async () => {
      proxy = await openProxy(setting.shop.url)
      client = openClient(setting.kind, proxy.url)
    })
    afterAll(async () => {
      await client.end().catch(() => {})
      await proxy.close()
    })
    const leased = leaseSetting({
      lane: setting.lane,
      kind: setting.kind,
      get shop() {
        return setting.shop
      },
      get client() {
        return client
      },
    })
    body({
      lane: leased.lane,
      kind: leased.kind,
      events: leased.events,
      orders: (config) => leased.orders(config),
      get shop() {
        return leased.shop
      },
      get client() {
        return leased.client
      },
      get proxy() {
        return proxy
      },
      // kysely does not tell whether a session commits by itself: there a bare claim has a transaction.
      bareClaim: setting.kind === 'kysely' ? COMMIT : UPDATE,
    })
  })
}

export async function unknownOf(claim: Promise<unknown>): Promise<UnknownClaimError> {
  const error = await failureOf(claim)
  if (!isUnknownClaimError(error)) throw error
  return error
}
