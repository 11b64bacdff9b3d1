import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Arena } from './arena.ts'
import type { SessionFacts } from './contest.ts'
import type { RaceShop } from './race-shop.ts'
import { lineUp, race, titleOf } from './race.ts'
import type { Tally, Track } from './race.ts'
import { expectFair, tellOf } from './report.ts'
import type { Setting } from './settings.ts'
import { soak, SOAK_MINUTES } from './soak.ts'

/** A race takes tens of milliseconds; two hundred of them on a machine that is busy otherwise may take a minute. */
const HEAT_MS = 180_000

/** All settings on one server, or one file; both processes stay alive from the first to the last. */
export function describeRaces(
  name: string,
  openShop: () => Promise<RaceShop>,
  settings: readonly Setting[],
  /** The server keeps what a claim sets for one statement: sessions are looked at before the races only. */
  { sessionsChange = false }: { readonly sessionsChange?: boolean } = {},
): void {
  describe(name, () => {
    let track: Track
    const tallies: Tally[] = []

    beforeAll(async () => {
      const arena = Arena.start()
      track = { name, arena, shop: await openShop() }
    })
    afterAll(async () => {
      tellOf(name, tallies)
      await track.arena.stop()
      await track.shop.close()
    })

    describe.each(settings)('$name', (setting) => {
      let sessions: SessionFacts[]
      beforeAll(async () => {
        sessions = await lineUp(track, setting)
      })

      for (const heat of setting.heats) {
        test(
          `one call claims, and its effect takes place once (${titleOf(heat)})`,
          { timeout: HEAT_MS },
          async ({ signal }) => {
            const tally = await race(track, setting, heat, { signal })
            tallies.push(tally)
            expectFair(tally)
          },
        )
      }

      test(`every session is as it was set, before the races${sessionsChange ? '' : ' and after them'}`, async () => {
        const after = await track.arena.close()
        const wanted = setting.facts ?? {}
        expect(sessions).toEqual(sessions.map(() => expect.objectContaining(wanted) as SessionFacts))
        if (!sessionsChange) expect(after).toEqual(sessions)
      })
    })

    test('the naive handler does not get past the same referee', async () => {
      const base = settings[0]!
      await lineUp(track, base)
      const tally = await race(track, base, { callers: ['naive'], rounds: 20, effect: 'always' }, { stories: 1 })
      await track.arena.close()
      expect(tally.stories.join()).toMatch(/calls that claimed: \d+, not 1/)
      expect(tally.stories.join()).toMatch(/credited: \d+, not 42/)
    })

    if (SOAK_MINUTES > 0) {
      test(`the matrix holds for ${SOAK_MINUTES} minutes`, { timeout: (SOAK_MINUTES + 10) * 60_000 }, async () => {
        expect(await soak(track, settings, SOAK_MINUTES)).toEqual([])
      })
    }
  })
}
