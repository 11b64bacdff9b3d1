import { checkFault } from './fault.ts'
import type { Fault, FiredFault, SeenStatement } from './fault.ts'

/** The faults of one adapter. */
export interface Faults {
  /**
   * Arms faults, which count from here on.
   *
   * @throws {TypeError} for one that cannot strike
   */
  readonly arm: (...faults: readonly Fault[]) => void
  /** Takes off those that have not struck, or not as often as they were to. */
  readonly disarm: () => void
  /** What has struck, in order. */
  readonly fired: readonly FiredFault[]
  /** What is armed and has not struck so often as it is to: a test whose fault never struck has shown nothing. */
  readonly armed: readonly Fault[]
}

interface Armed {
  readonly fault: Fault
  seen: number
  left: number
}

/** Knows which statement is struck by what. */
export class ArmedFaults implements Faults {
  readonly #synchronous: boolean
  readonly #onFired: (fired: FiredFault) => void
  readonly #fired: FiredFault[] = []
  #armed: Armed[] = []

  constructor(synchronous: boolean, onFired: (fired: FiredFault) => void) {
    this.#synchronous = synchronous
    this.#onFired = onFired
  }

  get fired(): readonly FiredFault[] {
    return this.#fired
  }

  get armed(): readonly Fault[] {
    return this.#armed.map(({ fault }) => fault)
  }

  readonly arm = (...faults: readonly Fault[]): void => {
    for (const fault of faults) checkFault(fault, this.#synchronous)
    this.#armed.push(...faults.map((fault) => ({ fault, seen: 0, left: fault.times ?? 1 })))
  }

  readonly disarm = (): void => {
    this.#armed = []
  }

  /** The fault that strikes this statement. All that wait for such a statement count it; the first one strikes. */
  take(statement: SeenStatement): Fault | null {
    const waiting = this.#armed.filter(({ fault }) => isMeant(fault.on, statement))
    for (const one of waiting) one.seen += 1
    const ready = waiting.find(({ fault, seen }) => seen >= (fault.at ?? 1))
    if (ready === undefined) return null
    ready.left -= 1
    if (ready.left === 0) this.#armed = this.#armed.filter((one) => one !== ready)
    return ready.fault
  }

  note({ fault }: Fault, statement: SeenStatement, error: Error | null): void {
    const { kind, sql } = statement
    const text = ['begin', 'commit', 'rollback'].includes(kind) ? kind : `${kind}: ${excerpt(sql)}`
    const what = `${fault}: ${text}`
    const fired = Object.freeze<FiredFault>({ fault, statement, error, what })
    this.#fired.push(fired)
    this.#onFired(fired)
  }
}

function isMeant(on: Fault['on'], statement: SeenStatement): boolean {
  if (on === undefined) return true
  if (typeof on === 'string') return on === statement.kind
  return typeof on === 'function' ? on(statement) : statement.sql.search(on) >= 0
}

function excerpt(sql: string): string {
  const line = sql.trim().replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
