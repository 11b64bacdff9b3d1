import { styleText } from 'node:util'
import type { ClaimEvent, DrainCounts, DrainResult } from 'claim-once'

/** What `npm run deliver` shows: a line that says how far it is, and each trouble once. */
export class DeliveryProgress {
  readonly #output: NodeJS.WriteStream
  readonly #told = new Set<string>()
  #line = ''

  /** @param output where it is no terminal, a line is written whenever something has changed, and none is written over */
  constructor(output: NodeJS.WriteStream) {
    this.#output = output
  }

  readonly onEvent = (event: ClaimEvent): void => {
    if (event.type === 'progress') this.#show(progressLine(event.due, event.counts))
    if (event.type === 'work_failed') this.#tellOnce(event.error)
    if (event.type === 'waits') this.#tellOnce(event.error)
  }

  /** What it all came to. */
  end(result: DrainResult): void {
    this.#write(`${styleText(needsAPerson(result) ? 'red' : 'green', summary(result))}\n`)
  }

  #show(line: string): void {
    if (line === this.#line) return
    this.#line = line
    this.#output.write(this.#output.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
  }

  /** However many winners it befalls. */
  #tellOnce(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.#write(`${styleText('yellow', text)}\n`)
  }

  /** In the place of the line, which is shown again below. */
  #write(text: string): void {
    this.#output.write(this.#output.isTTY ? `\r\u001b[K${text}` : text)
    this.#line = ''
  }
}

/** Whether somebody must look, so that cron tells of it. */
export const needsAPerson = ({ dead, left }: DrainCounts): boolean => dead + left > 0

export const progressLine = (due: number | null, { done, failed, dead }: DrainCounts): string =>
  `due ${due ?? '?'}, done ${done}, failed ${failed}, dead ${dead}`

export function summary({ outcome, done, failed, dead, lost, left, givenBack }: DrainResult): string {
  const counts = [
    `${done} sent`,
    failed > 0 && `${failed} attempts failed, which are made again`,
    dead > 0 && `${dead} for a person to look at (status Failed, last_error)`,
    lost > 0 && `${lost} taken over by another process`,
    left > 0 && `${left} of which it is not known what became: they are taken again when their lease is over`,
    givenBack > 0 && `${givenBack} given back`,
  ].filter((count) => count !== false)
  return `${outcome === 'stopped' ? 'Stopped.' : 'Nothing is due any more.'} ${counts.join(', ')}.`
}
