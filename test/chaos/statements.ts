import type { Point } from './plan/fault-kinds.ts'

/** A COMMIT is told apart by the statements before it. */
type Told = Exclude<Point, 'work' | 'took' | 'completed'>

/** By the texts of this package's statements, and of the effect (worker/effect.ts). */
const TEXTS: readonly (readonly [Told, RegExp])[] = [
  ['begin', /^(?:start transaction|begin)\b/i],
  ['commit', /^commit\b/i],
  ['renew', /(?:^|\n)update `orders`\nset `lease_until` = /],
  ['take', /(?:^|\n)update `orders`\nset [^]*`lease_until` = (?!null)[^]*\nwhere/],
  ['complete', /(?:^|\n)update `orders`\nset `status` = [^]*`claimed_at` = [^]*`lease_until` = null/],
  ['claim', /(?:^|\n)update `orders`\nset `status` = /],
  ['recognise', / as claim_own_token\b[^]*\nfrom `orders`/],
  ['read', /\nfrom `orders`/],
  ['effect', /^insert into ledger/],
]

/** `null`: a statement at which no fault is planned. */
export const toldBy = (text: string): Told | null => TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? null

/** What a COMMIT commits, by the last of these statements on the same line. */
export const COMMITS = { claim: 'commit', take: 'took', complete: 'completed' } as const satisfies Partial<
  Record<Told, Point>
>
