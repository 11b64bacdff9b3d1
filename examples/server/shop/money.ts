/** `4200` fen as `42.00` yuan. */
export const yuan = (fen: number): string => (fen / 100).toFixed(2)

/** `42`, `42.5` or `42.00` yuan in fen; `undefined` for what is no amount of money. */
export function fen(amount: string): number | undefined {
  const [, whole, cents = ''] = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(amount) ?? []
  if (whole === undefined) return undefined
  return Number(whole) * 100 + Number(cents.padEnd(2, '0'))
}
