import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** Callbacks at once for each order. Default: 20. */
  readonly callbacks: number
  /** Orders for each strategy. Default: 5. */
  readonly orders: number
}

/** Throws for what is no such number, or an option that there is not. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { callbacks: { type: 'string', default: '20' }, orders: { type: 'string', default: '5' } },
  })
  return {
    // Fewer than two are no race; and the shop takes no bigger burst.
    callbacks: wholeNumber('callbacks', values.callbacks, 2, 200),
    orders: wholeNumber('orders', values.orders, 1, 100),
  }
}

function wholeNumber(name: string, value: string, least: number, most: number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new Error(`--${name} is "${value}". It is a whole number from ${least} to ${most}.`)
}
