import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { lanes } from '../../support/lanes.ts'
import type { RunningLane } from '../../support/lanes.ts'
import { openMysqlShop } from '../../support/mysql-shop.ts'
import type { MysqlShop } from '../../support/mysql-shop.ts'
import { CLIENTS, openClient } from './client.ts'
import type { Client, ClientName, ClientOptions } from './client.ts'
import { closeHolders } from './holder.ts'

export interface LaneSetting {
  readonly lane: RunningLane
  /** From the first hook on. */
  readonly shop: MysqlShop
}

export interface ClientSetting extends LaneSetting {
  readonly kind: ClientName
  readonly client: Client
}

/** Tests on every running server, each with a shop of its own. */
export function onEveryLane(body: (setting: LaneSetting) => void): void {
  for (const lane of lanes) {
    describe(lane.name, () => {
      let shop: MysqlShop
      beforeAll(async () => {
        shop = await openMysqlShop(lane.url)
      })
      beforeEach(async () => {
        await shop.run('update accounts set balance = 0')
        await shop.run('delete from ledger')
      })
      afterEach(closeHolders)
      afterAll(() => shop.close())
      body({
        lane,
        get shop() {
          return shop
        },
      })
    })
  }
}

/** The same through every adapter. */
export function onEveryClient(body: (setting: ClientSetting) => void, options: ClientOptions = {}): void {
  onEveryLane((setting) => {
    for (const kind of CLIENTS) {
      describe(kind, () => {
        let client: Client
        beforeAll(() => {
          client = openClient(kind, setting.shop.url, options)
        })
        afterAll(() => client.end())
        body({
          lane: setting.lane,
          kind,
          get shop() {
            return setting.shop
          },
          get client() {
            return client
          },
        })
      })
    }
  })
}
