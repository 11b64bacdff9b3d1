const Real = globalThis.Date
let offsetMs = 0

/** A clock that somebody has set wrong: all that asks for the time of day is told it, timers are not. */
class WrongDate extends Real {
  constructor(...given: [] | ConstructorParameters<typeof Real>) {
    if (given.length === 0) super(Real.now() + offsetMs)
    else super(...given)
  }

  static override now(): number {
    return Real.now() + offsetMs
  }
}

export function setClock(toOffsetMs: number): void {
  offsetMs = toOffsetMs
  globalThis.Date = WrongDate as DateConstructor
}
