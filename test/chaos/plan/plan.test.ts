import { describe, expect, it } from 'vitest'
import { FAULT_KINDS, ORDER_KINDS } from './fault-kinds.ts'
import { ORDER_ID, planOf } from './order-plan.ts'
import type { PlanSettings } from './order-plan.ts'

const SETTINGS: PlanSettings = { seed: '42', kinds: ORDER_KINDS, without: [], leaseMs: 500 }

const plans = (settings: PlanSettings, count: number) =>
  Array.from({ length: count }, (_, index) => planOf(settings, index + 1))

describe('the plan of an order', () => {
  it('is decided by seed and number: the same again, and alone', () => {
    const first = plans(SETTINGS, 200)
    expect(plans(SETTINGS, 200)).toEqual(first)
    expect(planOf(SETTINGS, 137)).toEqual(first[136])
    expect(plans({ ...SETTINGS, seed: '43' }, 200)).not.toEqual(first)
  })

  it('is plain data, which reaches a worker as it is', () => {
    const plan = planOf(SETTINGS, 1)
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
    expect(ORDER_ID.exec(`x'${plan.id}'`)?.[0]).toBe(plan.id)
  })

  it('has faults of every kind, about as often', () => {
    const planned = plans(SETTINGS, 10_000).flatMap(({ faults }) => faults.map(({ name }) => name))
    const counts = FAULT_KINDS.map(({ name }) => planned.filter((each) => each === name).length)
    expect(Math.min(...counts)).toBeGreaterThan((0.6 * planned.length) / counts.length)
  })

  it('has a fault only where its order comes past, and what that fault needs before it', () => {
    for (const { kind, faults } of plans(SETTINGS, 2000)) {
      for (const { name, point } of faults) {
        const fault = FAULT_KINDS.find((each) => each.name === name)!
        if (kind === 'bare') expect(point).toBe('claim')
        if (fault.after !== undefined) expect(faults.map((each) => each.name)).toContain(fault.after)
      }
    }
  })

  it('leaves out what is left out', () => {
    const without = plans({ ...SETTINGS, kinds: ['lease'], without: ['kill worker', 'kill database'] }, 500)
    expect(new Set(without.map(({ kind }) => kind))).toEqual(new Set(['lease']))
    const deeds = new Set(without.flatMap(({ faults }) => faults.map(({ deed }) => deed)))
    expect(deeds).not.toContain('kill worker')
    expect(deeds).not.toContain('kill database')
    expect(deeds).toContain('pause')
  })
})
