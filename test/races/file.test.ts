import { describeRaces } from './describe-races.ts'
import { openFileRaceShop } from './race-shop.ts'
import { FILE_SETTINGS } from './settings.ts'

describeRaces('races on a SQLite file', openFileRaceShop, FILE_SETTINGS)
