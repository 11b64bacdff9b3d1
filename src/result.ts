import type { Call } from './call.ts'
import type { Table } from './table.ts'

/** What is kept of the effect's result in `columns.result`: JSON. `null`: nothing is, as of a move, which is told to nobody later. */
export function keptResult(value: unknown, call: Call): string | null {
  const { effect, table, transition } = call
  if (effect === undefined || value === undefined || table.result === null || transition.to !== 'claimed') return null
  return resultText(value, call)
}

/**
 * A result that cannot be kept does not undo the claim: the money has arrived. It is told, and the later callback gets
 * no value.
 */
export function resultText(
  value: unknown,
  { table, config, tell }: Pick<Call, 'table' | 'config' | 'tell'>,
): string | null {
  const refuse = (why: string): null => {
    tell({ type: 'result_not_kept', why })
    return null
  }
  let text: unknown
  try {
    text = JSON.stringify(value)
  } catch (error) {
    return refuse(`it is no JSON: ${String(error)}`)
  }
  if (typeof text !== 'string') return refuse('it is no JSON')
  const kept = asciiJson(text)
  const { length: bytes } = kept
  if (bytes > config.resultMaxBytes) {
    return refuse(`it has ${bytes} bytes of JSON, and resultMaxBytes is ${config.resultMaxBytes}`)
  }
  const { maxLength } = table.result?.description ?? { maxLength: null }
  if (maxLength !== null && bytes > maxLength) {
    return refuse(`it has ${bytes} bytes of JSON, and "${table.result?.name ?? ''}" holds ${maxLength}`)
  }
  return kept
}

/** Where the column allows no NULL: JSON's own, for a column of JSON checks what is written to it. It reads as no result. */
export const noResult = ({ result }: Pick<Table, 'result'>): string | null =>
  result?.description.nullable === false ? 'null' : null

/** JSON can be written in ASCII alone, which every character set holds. */
const asciiJson = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
