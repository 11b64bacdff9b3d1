import { lanes } from '../support/lanes.ts'
import { describeRaces } from './describe-races.ts'
import { openServerRaceShop } from './race-shop.ts'
import { SERVER_SETTINGS } from './settings.ts'

for (const { name, url } of lanes) {
  describeRaces(`races on ${name}`, () => openServerRaceShop(url), SERVER_SETTINGS)
}
