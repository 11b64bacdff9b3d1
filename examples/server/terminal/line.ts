const COLUMNS = { time: 12, order: 5, strategy: 11, callback: 12, outcome: 14, balance: 9 } as const
type Cells = Readonly<Record<keyof typeof COLUMNS, string>>

/** One line of the story. */
export const storyLine = ({ time, order, strategy, callback, outcome, balance }: Cells): string =>
  [
    time.padEnd(COLUMNS.time),
    order.padStart(COLUMNS.order),
    strategy.padEnd(COLUMNS.strategy),
    callback.padEnd(COLUMNS.callback),
    outcome.padEnd(COLUMNS.outcome),
    balance.padStart(COLUMNS.balance),
  ]
    .join('  ')
    .trimEnd()

/** A sentence may stand where the balance does. */
export const remarkLine = ({
  remark,
  ...cells
}: Omit<Cells, 'order' | 'balance'> & { readonly remark: string }): string =>
  storyLine({ ...cells, order: '', balance: remark.padEnd(COLUMNS.balance) })

/** What stands below the times. */
export const INDENTATION = ' '.repeat(COLUMNS.time + 2)

export const timeOfDay = (now: Date): string =>
  `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, '0')}`
