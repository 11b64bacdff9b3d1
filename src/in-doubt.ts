import type { Unanswered } from './call.ts'
import type { CheckedConfig } from './config.ts'
import { ClaimError } from './errors.ts'
import type { RawOptions } from './options.ts'
import type { Pending } from './pending.ts'

/** What keeps the table from being described does not make an earlier call known. */
export async function unlessInDoubt<Described>(
  describing: Promise<Described>,
  unknown: (unanswered: Unanswered) => ClaimError,
): Promise<Described> {
  try {
    return await describing
  } catch (error) {
    const away = error instanceof ClaimError && (error.code === 'CLAIM_UNAVAILABLE' || error.code === 'CLAIM_ABORTED')
    throw away ? unknown({ is: 'unknown', phase: 'claim', error }) : error
  }
}

/** The work that a claim had is the work that it is resolved with. Throws `CLAIM_INPUT`. */
export function checkWork({ hasWork }: Pending, { effect, transaction }: RawOptions): void {
  if (hasWork && effect === undefined && transaction === undefined) {
    throw new ClaimError(
      'CLAIM_INPUT',
      'The claim had an effect, or was part of a transaction with work of its own, and resolve() is given none: the order ' +
        'could be claimed now, and its work be missing. Pass the same effect, or a transaction to do the work in.',
    )
  }
  if (!hasWork && effect !== undefined) {
    throw new ClaimError(
      'CLAIM_INPUT',
      'The claim was bare, and resolve() is given an effect: where the claim had been committed, it would not run.',
    )
  }
}

/** Events are for logs, and the token is for nobody. */
export function withoutSecrets<Result extends { readonly outcome: string }>(result: Result): Result {
  if (!('pending' in result)) return result
  const shown: Record<string, unknown> = { ...result }
  delete shown['pending']
  delete shown['token']
  return shown as Result
}

export const unanswered = (phase: Unanswered['phase'], error: unknown, whatToDo: string): ClaimError =>
  new ClaimError(
    'CLAIM_UNKNOWN',
    `No answer came to the ${statementOf(phase, 'claiming statement')}: it may stand or not. ${whatToDo}`,
    error,
  )

/** What has not been answered, as messages say it. */
export const statementOf = (phase: Unanswered['phase'], claiming = 'statement'): string =>
  phase === 'commit' ? 'COMMIT' : claiming

/** Of a claim. */
export const unknownMessage = (phase: Unanswered['phase'], { token }: CheckedConfig): string =>
  `No answer came to the ${statementOf(phase, 'claiming statement')}: the order may be claimed or not, or may be claimed in a moment. ` +
  (token === null
    ? 'Configure columns.token, by which a call recognises its own claim. '
    : 'What became of it could not be found out in time. ') +
  'Have the gateway call again, or call resolve().'
