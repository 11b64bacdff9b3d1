/**
 * Pools: cards a second, and the time that a request waits, by each strategy; beside the same statements by hand, the
 * shortest that can be written by hand, and the naive ways. On the MariaDB of DATABASE_URL, or on one that is started.
 *
 *     npm run bench:pool                                     10,000 and 1,000,000 cards; fails where a target is missed
 *     npm run bench:pool -- --quick                          10,000 cards, short, lenient: for machines that are shared
 *     npm run bench:pool -- --cards 50000 --seconds 10       other pools, and so long for each way
 *     npm run bench:pool -- --report docs/pool-benchmark.md  writes it down
 */
import { writeFile } from 'node:fs/promises'
import { measureBackup } from './pool/backup.ts'
import { measureGrowth } from './pool/growth.ts'
import { reportOf } from './pool/report.ts'
import { openServer } from './pool/server.ts'
import type { Server } from './pool/server.ts'
import { settingsOf } from './pool/settings.ts'
import type { Settings } from './pool/settings.ts'
import { measureSpeed } from './pool/speed.ts'
import type { Section } from './pool/speed.ts'
import { isMet, shownTarget } from './pool/targets.ts'

async function main(settings: Settings, server: Server): Promise<number> {
  console.log(`${server.about}\n`)
  const sections: Section[] = []
  const add = (section: Section): void => {
    sections.push(section)
    console.log(`${section.text}\n`)
  }
  for (const cards of settings.cards) {
    for (const indexed of settings.quick ? [true] : [true, false]) {
      add(await measureSpeed(settings, server, { cards, takenPercent: 0, indexed }))
    }
  }
  const most = Math.max(...settings.cards)
  add(await measureGrowth(settings, server, { cards: most, indexed: true }))
  if (!settings.quick) {
    add(await measureGrowth(settings, server, { cards: Math.min(...settings.cards), indexed: false }))
    add(await measureBackup(settings, server, most))
  }

  const targets = sections.flatMap((section) => section.targets)
  const verdict = `## Targets\n\n${targets.map((target) => `- ${shownTarget(target)}`).join('\n')}`
  console.log(verdict)
  if (settings.report !== null) {
    await writeFile(settings.report, await reportOf(settings, server, [verdict, ...sections.map(({ text }) => text)]))
  }
  return targets.every(isMet) ? 0 : 1
}

const settings = settingsOf(process.argv.slice(2))
const server = await openServer()
try {
  process.exitCode = await main(settings, server)
} finally {
  await server.stop()
}
