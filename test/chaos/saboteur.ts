import type { Intercept, Interception, ProxiedLine } from '../support/mysql-line.ts'
import type { ChaosDatabase } from './database.ts'
import type { Journal } from './journal.ts'
import type { Point } from './plan/fault-kinds.ts'
import { ORDER_ID } from './plan/order-plan.ts'
import type { OrderPlan, PlannedFault } from './plan/order-plan.ts'
import { COMMITS, toldBy } from './statements.ts'

/** What the saboteur can do to a worker, and know of it. */
export interface Victim {
  readonly name: string
  /** The orders of the calls that it has not answered. */
  readonly orders: () => Iterable<string>
  /** `false`: it was killed already. */
  kill(): boolean
  /** `false`: it was killed, or is paused already. */
  pause(ms: number): boolean
  jumpClock(byMs: number): void
}

/**
 * Carries out the plans of the orders. Each fault waits for the first statement of its order that comes past at the
 * point it was planned for, on the line of whatever worker, and strikes once.
 */
export class Saboteur {
  readonly #database: ChaosDatabase
  readonly #armed = new Map<string, PlannedFault[]>()
  readonly #under = new WeakMap<ProxiedLine, UnderWay>()
  readonly #struck = new Map<string, number>()
  readonly #journal: Journal
  readonly #timeZones = new Map<string, number>()
  #statements = 0

  constructor(database: ChaosDatabase, journal: Journal) {
    this.#database = database
    this.#journal = journal
  }

  /** How often each kind has struck. */
  get struck(): ReadonlyMap<string, number> {
    return this.#struck
  }

  /** How many sessions were opened in each time zone. */
  get timeZones(): ReadonlyMap<string, number> {
    return this.#timeZones
  }

  /** How many statements came past. */
  get statements(): number {
    return this.#statements
  }

  arm({ id, faults }: OrderPlan): void {
    if (faults.length > 0) this.#armed.set(id, [...faults])
  }

  /** What has not struck by now never will. */
  disarm(order: string): void {
    this.#armed.delete(order)
  }

  /** Listens on the line of a worker. */
  intercept(victim: Victim): Intercept {
    return ({ text, packet, line }) => {
      this.#statements += 1
      const zone = TIME_ZONE.exec(text)?.[1]
      if (zone !== undefined) this.#timeZones.set(zone, (this.#timeZones.get(zone) ?? 0) + 1)
      const { point, order } = this.#follow(line, text, packet, victim)
      if (point === null || order === null) return null
      const fault = this.#take(order, point)
      return fault && this.#interception(fault, order, victim)
    }
  }

  /** The worker has announced that it is about to call the outside. `false`: it will not get there. */
  working(order: string, victim: Victim): boolean {
    const fault = this.#take(order, 'work')
    if (fault === null) return true
    this.#strike(fault, order, victim, null)
    return fault.deed !== 'kill worker'
  }

  /** COMMIT names neither its order nor what it commits: that is told by the statements before it on the same line. */
  #follow(line: ProxiedLine, text: string, packet: Buffer, victim: Victim): UnderWay {
    const told = toldBy(text)
    const named = ORDER_ID.exec(packet.toString('latin1'))?.[0] ?? null
    const before = this.#under.get(line)
    if (told === 'begin') {
      this.#under.delete(line)
      return { point: 'begin', order: this.#beginning(victim) }
    }
    if (told === 'commit') return { point: before?.point ?? null, order: before?.order ?? null }
    const order = named ?? before?.order ?? null
    const commits = told !== null && told in COMMITS ? COMMITS[told as keyof typeof COMMITS] : (before?.point ?? null)
    this.#under.set(line, { order, point: commits })
    return { point: told, order }
  }

  /** BEGIN is the first of its transaction: it is taken for that of a call which the worker has. */
  #beginning(victim: Victim): string | null {
    for (const order of victim.orders()) {
      if (this.#armed.get(order)?.some(({ point }) => point === 'begin')) return order
    }
    return null
  }

  #take(order: string, point: Point): PlannedFault | null {
    const faults = this.#armed.get(order)
    const possible = (fault: PlannedFault): boolean => fault.deed !== 'kill database' || !this.#database.down
    const index = faults?.findIndex((fault) => fault.point === point && possible(fault)) ?? -1
    return index < 0 ? null : (faults?.splice(index, 1)[0] ?? null)
  }

  #interception(fault: PlannedFault, order: string, victim: Victim): Interception {
    return {
      at: fault.at,
      act: (line) => this.#strike(fault, order, victim, line),
      passOn: passesOn(fault),
    }
  }

  #strike(fault: PlannedFault, order: string, victim: Victim, line: ProxiedLine | null): void {
    const struck = (): void => {
      this.#struck.set(fault.name, (this.#struck.get(fault.name) ?? 0) + 1)
      this.#journal.struck(order, `${fault.name} (${victim.name}; ${fault.point}, ${fault.at})`)
    }
    switch (fault.deed) {
      case 'kill worker':
        if (!victim.kill()) return
        break
      case 'kill database': {
        const crash = this.#database.crash()
        if (crash === false) return
        // The end of the run waits for it, and says if the server did not come back.
        crash.catch(() => {})
        break
      }
      case 'kill connection':
        if (typeof line?.thread !== 'number') return
        void this.#database.killConnection(line.thread).then((killed) => killed && struck())
        return
      case 'cut':
        line?.cut()
        break
      case 'cut client':
        line?.cutClient()
        break
      case 'silence':
        break
      case 'pause':
        if (!victim.pause(fault.pauseMs)) return
        break
      case 'clock':
        victim.jumpClock(fault.jumpMs)
        break
    }
    struck()
  }
}

/** The order that a line is about, and the point that a COMMIT would be; or, of a statement, the point that it is. */
interface UnderWay {
  readonly order: string | null
  readonly point: Point | null
}

/** As worker/pools.ts sends it. */
const TIME_ZONE = /^set time_zone = '(.*)'$/

/** Whether the statement, or its answer, is passed on once the deed is done. */
function passesOn({ deed, at, heard }: PlannedFault): boolean {
  switch (deed) {
    case 'kill worker':
    case 'cut':
    case 'silence':
      return false
    case 'kill database':
      // The server's last word: heard by the client, or not.
      return at !== 'answer' || heard
    case 'cut client':
    case 'kill connection':
    case 'pause':
    case 'clock':
      return true
  }
}
