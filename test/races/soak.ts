import type { Tally, Track } from './race.ts'
import { lineUp, race } from './race.ts'
import { tellOf } from './report.ts'
import type { Setting } from './settings.ts'

/** `CLAIM_ONCE_SOAK_MINUTES=60`: the whole matrix again and again, for as long. */
export const SOAK_MINUTES = Number(process.env['CLAIM_ONCE_SOAK_MINUTES'] ?? 0)

/** Gives the stories of all rounds that went wrong. */
export async function soak(track: Track, settings: readonly Setting[], minutes: number): Promise<string[]> {
  const end = performance.now() + minutes * 60_000
  const stories: string[] = []
  for (let pass = 1; performance.now() < end; pass += 1) {
    const tallies: Tally[] = []
    for (const setting of settings) {
      if (performance.now() > end) break
      await lineUp(track, setting)
      for (const heat of setting.heats) tallies.push(await race(track, setting, heat))
      await track.arena.close()
    }
    stories.push(...tallies.flatMap((tally) => tally.stories))
    tellOf(`${track.name}, pass ${pass} of the soak, ${stories.length} went wrong so far`, tallies)
  }
  return stories
}
