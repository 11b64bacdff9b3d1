/** One fenced TypeScript block of a Markdown file, and what the comment before it says of it. */
export interface DocBlock {
  /** Line of the block's first line of code, counted from 1. */
  readonly line: number
  readonly code: string
  /** Set by `<!-- ts: context=shop -->`: the block may use what scripts/docs-context/shop.ts exports. */
  readonly context: string | undefined
  /** Set by `<!-- ts: skip because … -->`: the block is not compiled. */
  readonly skip: string | undefined
}

const opening = /^([\s>]*)(`{3,}|~{3,})\s*(\S*)/
const marker = /^[\s>]*<!--\s*ts:\s*(.*?)\s*-->\s*$/

/** Finds the TypeScript blocks. Throws on a marker that it does not understand or that stands before no such block. */
export function findDocBlocks(markdown: string, file: string): DocBlock[] {
  const lines = markdown.split('\n')
  const blocks: DocBlock[] = []
  let pending: { readonly text: string; readonly line: number } | undefined

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const said = marker.exec(line)?.[1]
    const fence = opening.exec(line)
    const isTypeScript = fence !== null && /^(ts|typescript)$/i.test(fence[3] ?? '')

    if (pending !== undefined && !isTypeScript && line.replaceAll('>', '').trim() !== '') {
      throw new Error(`${file}:${pending.line}: <!-- ts: … --> must stand right before a \`\`\`ts block`)
    }
    if (said !== undefined) pending = { text: said, line: index + 1 }
    if (fence === null) continue

    const [, prefix = '', ticks = ''] = fence
    const body: string[] = []
    const start = index + 2
    for (index++; index < lines.length && !closes(lines[index] ?? '', ticks); index++) {
      const text = lines[index] ?? ''
      body.push(text.startsWith(prefix) ? text.slice(prefix.length) : text.replace(/^[\s>]*/, ''))
    }
    if (!isTypeScript) continue
    blocks.push({ line: start, code: body.join('\n'), ...readMarker(pending, file) })
    pending = undefined
  }
  if (pending !== undefined) throw new Error(`${file}:${pending.line}: <!-- ts: … --> stands before nothing`)
  return blocks
}

const closes = (line: string, ticks: string): boolean => {
  const text = line.replace(/^[\s>]*/, '').trimEnd()
  return text.startsWith(ticks) && text.replaceAll(ticks.charAt(0), '') === ''
}

function readMarker(
  pending: { readonly text: string; readonly line: number } | undefined,
  file: string,
): Pick<DocBlock, 'context' | 'skip'> {
  if (pending === undefined) return { context: undefined, skip: undefined }
  const context = /^context=([\w-]+)$/.exec(pending.text)?.[1]
  const skip = /^skip\s+(\S.*)$/.exec(pending.text)?.[1]
  if (context === undefined && skip === undefined) {
    throw new Error(
      `${file}:${pending.line}: "ts: ${pending.text}" is neither "ts: context=<name>" nor "ts: skip <reason>"`,
    )
  }
  return { context, skip }
}
