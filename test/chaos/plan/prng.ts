import { createHash } from 'node:crypto'

/** Random numbers that a seed decides: the same seed gives the same numbers, on every machine. */
export class Prng {
  readonly #state: Uint32Array

  /** @param seed any text; what it says of its stream (`42:order 7`) makes the streams independent of one another */
  constructor(seed: string) {
    const hash = createHash('sha256').update(seed).digest()
    this.#state = Uint32Array.from([0, 4, 8, 12], (offset) => hash.readUInt32LE(offset))
  }

  /** 0 ≤ n < 1. xoshiro128++: https://prng.di.unimi.it/xoshiro128plusplus.c */
  next(): number {
    const state = this.#state
    const [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!]
    const result = (rotate((a + d) >>> 0, 7) + a) >>> 0
    state[2] = c ^ a
    state[3] = d ^ b
    state[1] = b ^ state[2]
    state[0] = a ^ state[3]
    state[2] ^= b << 9
    state[3] = rotate(state[3], 11)
    return result / 2 ** 32
  }

  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('There is nothing to pick from.')
    return from[Math.floor(this.next() * from.length)]!
  }

  /** The same, but one of twice the weight comes twice as often. */
  pickWeighted<T>(from: readonly T[], weightOf: (one: T) => number): T {
    let left = this.next() * from.reduce((total, one) => total + weightOf(one), 0)
    for (const one of from) {
      left -= weightOf(one)
      if (left < 0) return one
    }
    return this.pick(from.slice(-1))
  }
}

const rotate = (value: number, by: number): number => ((value << by) | (value >>> (32 - by))) >>> 0
