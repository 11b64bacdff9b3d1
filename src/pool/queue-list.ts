import type { CheckedPoolConfig } from './check-pool-config.ts'
import type { RawDrawOptions } from './pool-options.ts'

/** The name of the list with the candidates of a scope, and of a `where`: the same for every process. */
export function listOf({ table }: CheckedPoolConfig, { scope, where = {} }: RawDrawOptions): string {
  const conditions = Object.entries(where)
    .map(([name, value]) => written(name) + (value === null ? '' : `=${written(value)}`))
    .sort()
  return [written(table), ...(scope === undefined ? [] : [written(scope)]), ...conditions].join(':')
}

/** Without the characters that stand between the parts; a time without the process' time zone. */
function written(value: unknown): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  return encodeURIComponent(value instanceof Date ? value.toISOString() : String(value))
}
