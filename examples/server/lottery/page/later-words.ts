import type { Prize } from '../later/find-prize.ts'
import type { Notice } from './words.ts'

const PRIZE = {
  recorded: {
    tone: 'good',
    title: 'Your prize is recorded.',
    text: 'The card is sent in the night; in this example by "npm run deliver", or by the timer of the shop.',
  },
  no_cards: {
    tone: 'wait',
    title: 'Your prize waits for new cards.',
    text: 'There were none left. Nothing is lost: when there are new ones, yours is sent, and you need not ask again.',
  },
  delayed: {
    tone: 'wait',
    title: 'Your prize is delayed.',
    text: 'It could not be sent yet. Nothing is lost: it is tried again, and you need not ask again.',
  },
  sent: {
    tone: 'good',
    title: 'Your card has been sent.',
    text: 'This is the card that the message is about. There is one for you, and one message.',
  },
  failed: {
    tone: 'bad',
    title: 'Your prize could not be sent.',
    text: 'It is recorded, and a person looks at it now.',
  },
} as const satisfies Record<Prize['state'], Notice>

export const NOT_RECORDED: Notice = {
  tone: 'bad',
  title: 'No prize is recorded for you.',
  text: 'You have not asked for it to be sent later.',
}

/** @param isRepeated it was to be recorded, and was */
export function prizeWords({ state }: Prize, isRepeated: boolean): Notice {
  const words: Notice = PRIZE[state]
  if (!isRepeated) return words
  const title = state === 'recorded' ? 'Your prize was recorded already.' : words.title
  return { ...words, title, text: `Nothing was changed. ${words.text}` }
}
