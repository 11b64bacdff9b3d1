/**
 * The worker: orders a second by 1, 4 and 16 workers and in batches of 1, 10 and 100, beside the same loop by hand; and what
 * it costs to look where nothing is due. On the MariaDB of DATABASE_URL, or on one that is started.
 *
 *     npm run bench:drain                                      fails where a target is missed
 *     npm run bench:drain -- --quick                           fewer ways, short, lenient: for machines that are shared
 *     npm run bench:drain -- --seconds 10 --slices 21          so long for each way, in so many slices
 *     npm run bench:drain -- --report docs/drain-benchmark.md  writes it down
 */
import { writeFile } from 'node:fs/promises'
import { measureIdle } from './drain/idle.ts'
import { reportOf } from './drain/report.ts'
import { openServer } from './drain/server.ts'
import type { Server } from './drain/server.ts'
import { settingsOf } from './drain/settings.ts'
import type { Settings } from './drain/settings.ts'
import { measureSpeed } from './drain/speed.ts'
import type { Section } from './drain/speed.ts'
import { isMet, shownTarget } from './pool/targets.ts'

async function main(settings: Settings, server: Server): Promise<number> {
  console.log(`${server.about}\n`)
  const sections: Section[] = []
  const add = (section: Section): void => {
    sections.push(section)
    console.log(`${section.text}\n`)
  }
  add(await measureIdle(server))
  for (const together of [false, true]) add(await measureSpeed(settings, server, { together, effect: 'recharge' }))
  // The smallest effect that there is.
  const one = { ...settings, workers: settings.workers.slice(1, 2), batches: settings.batches.slice(1, 2) }
  for (const together of [false, true]) {
    const { text, targets } = await measureSpeed(one, server, { together, effect: 'entry alone' })
    add({ text, targets: targets.filter(({ most }) => most !== undefined) })
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
