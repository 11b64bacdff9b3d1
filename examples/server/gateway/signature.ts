import { createHmac, timingSafeEqual } from 'node:crypto'

/** The gateway and the shop know it; nobody else does. */
export type Secret = Buffer

/** HMAC-SHA256 over every parameter but the signature itself, in a form that both sides arrive at. */
export function sign(params: URLSearchParams, secret: Secret): string {
  return createHmac('sha256', secret).update(canonical(params)).digest('hex')
}

/** Compares in constant time: how long a refusal takes must not tell how much of a forged signature was right. */
export function isSigned(params: URLSearchParams, secret: Secret): boolean {
  const given = Buffer.from(params.get('sign') ?? '')
  const wanted = Buffer.from(sign(params, secret))
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Sorted and percent-encoded, so that no two sets of parameters read the same. */
function canonical(params: URLSearchParams): string {
  const signed = new URLSearchParams(params)
  signed.delete('sign')
  signed.sort()
  return signed.toString()
}
