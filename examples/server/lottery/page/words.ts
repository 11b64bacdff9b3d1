import type { Answer } from '../lottery.ts'

/** What a person is told of an outcome, in plain words. */
export interface Notice {
  readonly tone: 'good' | 'wait' | 'bad'
  readonly title: string
  readonly text: string
}

export const FAILED: Notice = {
  tone: 'bad',
  title: 'Something went wrong here.',
  text: 'Please try again. If a card has been given to you meanwhile, you are told the same one.',
}

const DRAW = {
  claimed: {
    tone: 'good',
    title: 'A card is kept for you.',
    text: 'Tell us who you are before the time is over, and it is yours.',
  },
  duplicate: {
    tone: 'good',
    title: 'You have drawn already.',
    text: 'It is the same card: however often you ask, also twice at once, there is one for you.',
  },
  mismatch: {
    tone: 'bad',
    title: 'You hold other cards than these.',
    text: 'What you have is not the one card that is drawn here. Nothing was changed; please get in touch with us.',
  },
  exhausted: {
    tone: 'bad',
    title: 'There are no cards left.',
    text: 'Each is somebody’s, or kept for somebody. Those that nobody confirms come back: try again in ten minutes.',
  },
  contended: {
    tone: 'wait',
    title: 'Many people are drawing right now.',
    text: 'There are cards left, but others were about to take each of them. You have none yet: please draw again.',
  },
} as const satisfies Partial<Record<Answer['outcome'], Notice>>

const CONFIRM = {
  confirmed: {
    tone: 'good',
    title: 'The card is yours.',
    text: 'We have your details. They and the card were written down together.',
  },
  duplicate: {
    tone: 'good',
    title: 'The card was yours already.',
    text: 'Nothing was changed: these are your details as you gave them the first time.',
  },
  expired: {
    tone: 'bad',
    title: 'Your time is over.',
    text: 'The card was kept for ten minutes, and others may have it now. Please draw again.',
  },
  nothing_held: {
    tone: 'bad',
    title: 'No card is kept for you.',
    text: 'You have not drawn yet, or your time was over and the card was given to others. Please draw.',
  },
  busy: {
    tone: 'wait',
    title: 'One moment, please.',
    text: 'Another request for this card is on its way. Nothing is lost: please send your details again.',
  },
} as const satisfies Partial<Record<Answer['outcome'], Notice>>

export const wordsFor = (step: 'draw' | 'confirm', { outcome }: Answer): Notice =>
  (({ ...(step === 'draw' ? DRAW : CONFIRM), failed: FAILED }) as Partial<Record<Answer['outcome'], Notice>>)[
    outcome
  ] ?? FAILED
