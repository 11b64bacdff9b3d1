/** What a callback says, once its signature has been verified. Text, as it came: the claim compares it exactly. */
export interface Notice {
  readonly orderId: string
  /** The gateway's own number of this payment: a second payment of the same order has another. */
  readonly dealId: string
  readonly amountFen: string
  readonly paid: boolean
}

/** `undefined` where something is missing. */
export function readNotice(params: URLSearchParams): Notice | undefined {
  const orderId = params.get('orderId')
  const dealId = params.get('dealId')
  const amountFen = params.get('amountFen')
  if (orderId === null || dealId === null || amountFen === null) return undefined
  // 99Bill: 10 is paid, 11 is failed.
  return { orderId, dealId, amountFen, paid: params.get('payResult') === '10' }
}
