/** Runs something while the process is wrong about the time. */
export async function atAnotherTime<T>(ms: number, run: () => Promise<T>): Promise<T> {
  const RightDate = Date
  globalThis.Date = class extends RightDate {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [RightDate.now() + ms] : given) as [number]))
    }

    static override now(): number {
      return RightDate.now() + ms
    }
  } as DateConstructor
  try {
    return await run()
  } finally {
    globalThis.Date = RightDate
  }
}
