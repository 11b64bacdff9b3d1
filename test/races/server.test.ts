import { test } from 'vitest'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import { describeRaces } from './describe-races.ts'
import { mssqlMatches } from './mssql-settings.ts'
import { openMssqlRaceShop, openServerRaceShop } from './race-shop.ts'
import { SERVER_SETTINGS } from './settings.ts'

for (const { name, url } of lanes) {
  describeRaces(`races on ${name}`, () => openServerRaceShop(url), SERVER_SETTINGS)
}

for (const lane of mssqlLanes) {
  const { matches, notRun } = mssqlMatches(lane)
  for (const { title, shop, settings } of matches) {
    describeRaces(`races on ${lane.name}, ${title}`, () => openMssqlRaceShop(lane.url, shop), settings, {
      sessionsChange: missingTrait(lane, ['scope of set']) !== null,
    })
  }
  for (const { title, why } of notRun) test.skip(`races on ${lane.name}, ${title} (not run: ${why})`)
}
