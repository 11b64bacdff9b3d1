import { styleText } from 'node:util'
import { yuan } from '../shop/money.ts'
import type { CallbackReport, SettlementReport, Story } from '../shop/shop.ts'
import { INDENTATION, storyLine, timeOfDay } from './line.ts'

// styleText() leaves the colours out where the output is no terminal, and where NO_COLOR is set.
type Style = Parameters<typeof styleText>[0]

export const STORY_HEADING = storyLine({
  time: 'time',
  order: 'order',
  strategy: 'strategy',
  callback: 'callback',
  outcome: 'outcome',
  balance: 'balance',
})

/** A line a callback, and one more when the gateway has stopped calling. */
export const terminalStory: Story = {
  callback(report) {
    const { via, claim, outcome, standing } = report
    const text = storyLine({
      time: timeOfDay(new Date()),
      order: claim?.orderId ?? '?',
      strategy: claim?.strategy ?? '?',
      callback: via,
      outcome,
      balance: standing === null ? '' : yuan(standing.balanceFen),
    })
    console.log(styleText(styleOf(report), text))
    if (report.error !== undefined) console.log(report.error)
  },

  settled(report) {
    console.log(INDENTATION + settlementLine(report))
  },
}

function styleOf({ outcome, standing }: CallbackReport): Style {
  if (outcome === 'duplicate') return 'dim'
  if (outcome === 'claimed') return standing !== null && standing.recharges > 1 ? 'red' : 'green'
  return 'yellow'
}

/** What became of one payment, in one sentence. */
export function settlementLine(report: SettlementReport): string {
  const { text, good } = verdict(report)
  return styleText(good ? 'green' : 'red', text)
}

function verdict({ answered, notifications, standing }: SettlementReport): { text: string; good: boolean } {
  const { orderId, recharges, amountFen } = standing
  const order = `Order ${orderId}, one payment of ${yuan(amountFen)}`
  if (recharges > 1) {
    return {
      text: `${order}: recharged ${recharges} times, ${yuan((recharges - 1) * amountFen)} too much.`,
      good: false,
    }
  }
  if (!answered) {
    return { text: `${order}: not acknowledged in ${notifications} notifications.`, good: false }
  }
  return { text: `${order}: recharged ${recharges === 1 ? 'once' : 'never'}.`, good: recharges === 1 }
}
