/** What the drivers take as a parameter and give back in a row. */
export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | null

/** A statement ready to be sent: placeholders are the dialect's, values stand in their order. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  /** It begins or ends a transaction: a driver that has a request of its own for that sends it instead of the text. */
  readonly control?: 'begin' | 'commit' | 'rollback'
}

/** A statement, or a part of one, that is built once and bound at each call: parameters are known by name. */
export interface Template {
  readonly sql: string
  readonly names: readonly string[]
}

/**
 * SQL that reads as SQL: every interpolation is itself a {@link Template}, so no value and no name gets in unquoted.
 * A line break right after the opening backtick is dropped.
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly Template[]): Template {
  const names: string[] = []
  let text = ''
  strings.forEach((string, index) => {
    text += string
    const part = parts[index]
    if (part === undefined) return
    text += part.sql
    names.push(...part.names)
  })
  return { sql: text.startsWith('\n') ? text.slice(1) : text, names }
}

/** Stands for a parameter in a template: no text of anybody's has this character of Unicode's private use. */
const MARK = '\uE000'

/** A placeholder for the value bound under `name`. */
export const parameter = (name: string): Template => ({ sql: MARK, names: [name] })

/** A fixed piece of SQL: a quoted identifier, a keyword, a number we computed. Never a value from outside. */
export function fixed(text: string): Template {
  if (text.includes(MARK)) throw new TypeError(`U+E000 has no place in SQL: ${text}`)
  return { sql: text, names: [] }
}

const join = (parts: readonly Template[], between: string): Template => ({
  sql: parts.map((part) => part.sql).join(between),
  names: parts.flatMap((part) => part.names),
})

/** `a,\n    b,\n    c`: one a line. */
export const list = (parts: readonly Template[], indent: string): Template => join(parts, `,\n${indent}`)

/** `a\n  and b`: one condition a line. */
export const every = (parts: readonly Template[]): Template => join(parts, '\n  and ')

/** `\norder by a, b`, or nothing. */
export function ordered(parts: readonly Template[]): Template {
  const { sql: text, names } = join(parts, ', ')
  return { sql: parts.length === 0 ? '' : `\norder by ${text}`, names }
}

/** `\nlimit 10`, or nothing. A number of ours: MySQL refuses a parameter there. */
export const limited = (rows: number | null): Template => fixed(rows === null ? '' : `\nlimit ${rows}`)

/** `(a\n   or b)`. */
export const some = (parts: readonly Template[]): Template =>
  parts.length === 1 && parts[0] !== undefined ? sql`(${parts[0]})` : sql`(${join(parts, '\n   or ')})`

/** How placeholders are written: `?` for each value, or `@1`, `@2`, …, one for each name. */
export type Placeholders = 'question marks' | 'numbered'

/** The template with its placeholders as the drivers know them: to be kept, and bound at each call. */
export function finished({ sql: text, names }: Template, placeholders: Placeholders): Template {
  if (placeholders === 'question marks') return { sql: text.replaceAll(MARK, '?'), names }
  const distinct = [...new Set(names)]
  let index = 0
  return { sql: text.replaceAll(MARK, () => `@${distinct.indexOf(names[index++] ?? '') + 1}`), names: distinct }
}

/** The statement of a finished template with its values. A name without a value is a fault of this package. */
export function bind(template: Template, values: ReadonlyMap<string, SqlValue>): Statement {
  const parameters = template.names.map((name) => {
    const value = values.get(name)
    if (value === undefined) throw new TypeError(`No value is bound to the parameter "${name}" of: ${template.sql}`)
    return value
  })
  return { sql: template.sql, parameters }
}

/** A statement without parameters. */
export const plain = (text: string): Statement => ({ sql: text, parameters: [] })
