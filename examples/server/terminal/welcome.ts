/** The text around the story of `npm run example`. */
export const welcome = (shop: { readonly url: string; readonly database: string }): string => `
claim-once: a shop whose orders are paid through a gateway that calls again and again

  shop      ${shop.url}
  database  ${shop.database}

To begin with, two orders of 42.00. For each the gateway sends 5 notifications and the customer's browser at once;
order by order, one of these callbacks should recharge the account. First the naive handler, then "conditional".
`

export const invitation = (shop: {
  readonly url: string
  readonly naiveOrder: number
  readonly safeOrder: number
}): string => `
Now you, in another terminal:

  # 20 notifications at once, to the naive handler
  curl -X POST '${shop.url}/pay/${shop.naiveOrder}?strategy=naive&burst=20'

  # the same, decided by claim-once
  curl -X POST '${shop.url}/pay/${shop.safeOrder}?strategy=pessimistic&burst=20'

  # another order: the answer says how to pay it
  curl ${shop.url}/orders -d 'account=ann&amount=42.00'

  POST /orders                  account, amount
  POST /pay/:orderId            strategy = naive | optimistic | conditional | pessimistic, burst = 1 to 200
  GET  /orders/:orderId         how often it was recharged
  GET  /accounts/:account       the balance
  GET  /after-pay               the gateway's notification (POST too); what is not signed is refused
  GET  /after-pay-message       the page the customer comes back to

Ctrl+C ends it. \`npm run demo\` compares all strategies.
`
