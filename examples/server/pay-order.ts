import type { Settlement } from './gateway/simulator.ts'
import type { ShopStrategy } from './shop/strategy.ts'
import type { RunningShop } from './start-shop.ts'

/** Does what a customer does who presses "pay", and waits until the gateway is done. */
export async function payOrder(
  shop: RunningShop,
  orderId: number,
  { strategy, burst }: { readonly strategy: ShopStrategy; readonly burst: number },
): Promise<Settlement> {
  const response = await fetch(`${shop.url}/pay/${orderId}?strategy=${strategy}&burst=${burst}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The shop refused to have order ${orderId} paid: ${await response.text()}`)
  const { dealId } = (await response.json()) as { readonly dealId: string }
  return await shop.gateway.settled(dealId)
}
