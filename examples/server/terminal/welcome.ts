/** The text around the story of `npm run example`. */
export const welcome = (shop: { readonly url: string; readonly database: string }): string => `
claim-once: a shop whose orders are paid through a gateway that calls again and again

  shop      ${shop.url}
  lottery   ${shop.url}/lottery
  database  ${shop.database}

To begin with, two orders of 42.00. For each the gateway sends 5 notifications and the customer's browser at once;
order by order, one of these callbacks should recharge the account. First the naive handler, then "conditional".
The lottery waits for you in the browser.
`

export const invitation = (shop: {
  readonly url: string
  readonly naiveOrder: number
  readonly safeOrder: number
  readonly sharedBy: string
}): string => `
Now you, in another terminal:

  # 20 notifications at once, to the naive handler
  curl -X POST '${shop.url}/pay/${shop.naiveOrder}?strategy=naive&burst=20'

  # the same, decided by claim-once
  curl -X POST '${shop.url}/pay/${shop.safeOrder}?strategy=pessimistic&burst=20'

  # the lottery: draw, complete your details, get the card; in the browser, or as JSON. Each step may be repeated
  curl -H 'Accept: application/json' ${shop.url}/lottery/draw -d 'winner=ann&strategy=conditional'
  curl -H 'Accept: application/json' ${shop.url}/lottery/confirm -d 'winner=ann&name=Ann&contact=12 Long Lane'

  # or the prize is recorded now, and the card is sent later: by the second command, beside this shop
  curl -H 'Accept: application/json' ${shop.url}/lottery/later -d 'winner=bob&name=Bob&phone=555 0100'
  ${shop.sharedBy} npm run deliver

  # 300 requests at once for 30 cards, and the same by the naive way
  curl -H 'Accept: application/json' ${shop.url}/lottery/rush -d 'strategy=skip_locked'

  # another order: the answer says how to pay it
  curl ${shop.url}/orders -d 'account=ann&amount=42.00'

  POST /orders                  account, amount
  POST /pay/:orderId            strategy = naive | optimistic | conditional | pessimistic, burst = 1 to 200
  GET  /orders/:orderId         how often it was recharged
  GET  /accounts/:account       the balance
  GET  /after-pay               the gateway's notification (POST too); what is not signed is refused
  GET  /after-pay-message       the page the customer comes back to
  GET  /lottery                 the page of the lottery
  POST /lottery/draw            winner, strategy = skip_locked | conditional | queue (needs REDIS_URL)
  POST /lottery/confirm         winner, name, contact
  POST /lottery/later           winner, name, phone
  GET  /lottery/prize           winner; what has become of a prize that is delivered later
  POST /lottery/rush            strategy

Ctrl+C ends it. \`npm run demo\` compares all strategies.
`
