import type { Adapter } from '../../../src/adapters/adapter.ts'
import type { RawOptions } from '../../../src/options.ts'
import type { Template } from '../../../src/sql.ts'

/** `claimOnce`, or `leaseOnce`, whatever the table. */
export type Method = (orderId: unknown, options: RawOptions) => Promise<unknown>

/** What a module of this folder lays over the claims of every worker, to make them wrong in one respect. */
export interface Mutant {
  /** Over the adapter of each library. */
  readonly adapter?: <Tx, Tables extends object>(adapter: Adapter<Tx, Tables>) => Adapter<Tx, Tables>
  readonly claimOnce?: (claimOnce: Method) => Method
  readonly leaseOnce?: (leaseOnce: Method) => Method
}

/** @param module the URL of a module with a `mutant`; `null` for claims as they are */
export async function loadMutant(module: string | null): Promise<Mutant> {
  if (module === null) return {}
  const { mutant } = (await import(module)) as { readonly mutant?: Mutant }
  if (mutant === undefined) throw new Error(`${module} has no "mutant".`)
  return mutant
}

/** The same claims, but for what the mutant changes. */
export function mutated<Claims extends object>(claims: Claims, { claimOnce, leaseOnce }: Mutant): Claims {
  const method = (name: string): Method => Reflect.get(claims, name) as Method
  return {
    ...claims,
    ...(claimOnce && { claimOnce: claimOnce(method('claimOnce')) }),
    ...(leaseOnce && { leaseOnce: leaseOnce(method('leaseOnce')) }),
  }
}

/** An adapter that sends other UPDATEs: parts of the statement are changed one by one, or left out (`null`). */
export const withUpdates =
  (change: (part: Template, where: boolean) => Template | null): NonNullable<Mutant['adapter']> =>
  (adapter) => ({
    ...adapter,
    dialect: {
      ...adapter.dialect,
      update(clauses, surroundings) {
        const changed = (parts: readonly Template[], where: boolean): Template[] =>
          parts.map((part) => change(part, where)).filter((part) => part !== null)
        const { assignments, where } = clauses
        return adapter.dialect.update(
          { ...clauses, assignments: changed(assignments, false), where: changed(where, true) },
          surroundings,
        )
      },
    },
  })
