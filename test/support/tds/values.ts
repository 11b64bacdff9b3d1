/** A value as the double hands it out and takes it: `decimal`, `numeric` and `uniqueidentifier` are text, `bigint` is bigint. */
export type TdsValue = string | number | bigint | boolean | Buffer | Date | null

/** The first three groups stand in the other byte order. https://learn.microsoft.com/en-us/sql/t-sql/data-types/uniqueidentifier-transact-sql */
const swapGroups = (bytes: Buffer): Buffer =>
  Buffer.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((at) => bytes.readUInt8(at)))

export const guidOf = (bytes: Buffer): string =>
  swapGroups(bytes)
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export function guidBytes(text: string): Buffer {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) throw new Error(`"${text}" is no uniqueidentifier.`)
  return swapGroups(Buffer.from(text.replaceAll('-', ''), 'hex'))
}

export function decimalText(magnitude: bigint, { negative, scale }: { negative: boolean; scale: number }): string {
  const digits = magnitude.toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${negative ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

/** The digits of a decimal text, with the point moved to the right by `scale`. */
export function decimalMagnitude(
  text: string,
  scale: number,
): { readonly magnitude: bigint; readonly negative: boolean } {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '' || fraction.length > scale) throw new Error(`"${text}" is no decimal of scale ${scale}.`)
  return { magnitude: BigInt(whole + fraction.padEnd(scale, '0')), negative: sign === '-' }
}
