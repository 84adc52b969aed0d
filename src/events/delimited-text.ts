/**
 * The records at the beginning of delimited text (RFC 4180: quoted fields may hold delimiters, line ends and doubled
 * quotes, unless `quotes` is false). A last record that `text` may cut off is left out unless `whole`; blank lines are skipped.
 */
export function parseRecords(
  text: string,
  delimiter: string,
  { whole, limit, quotes = true }: TextOptions & { readonly limit: number },
): readonly (readonly string[])[] {
  const records: (readonly string[])[] = []
  let position = 0
  while (position < text.length && records.length < limit) {
    const record = parseRecord(text, delimiter, { start: position, quotes })
    if (!record.ended && !whole) break
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record.fields)
    position = record.next
  }
  return records
}

export interface TextOptions {
  readonly whole: boolean
  readonly quotes?: boolean | undefined
}

interface ParsedRecord {
  readonly fields: readonly string[]
  readonly next: number
  /** Whether a line end was seen, and not only the end of the text. */
  readonly ended: boolean
}

function parseRecord(
  text: string,
  delimiter: string,
  { start, quotes }: { readonly start: number; readonly quotes: boolean },
): ParsedRecord {
  const opens = (at: number): boolean => quotes && text[at] === '"'
  const fields: string[] = []
  let field = ''
  let position = start
  let quoted = opens(position)
  if (quoted) position++
  while (position < text.length) {
    const character = text[position]!
    if (quoted) {
      if (character !== '"') field += character
      else if (text[position + 1] === '"') {
        field += '"'
        position++
      } else quoted = false
      position++
    } else if (text.startsWith(delimiter, position)) {
      fields.push(field)
      field = ''
      position += delimiter.length
      quoted = opens(position)
      if (quoted) position++
    } else if (character === '\n' || character === '\r') {
      const length = text.startsWith('\r\n', position) ? 2 : 1
      return { fields: [...fields, field], next: position + length, ended: true }
    } else {
      field += character
      position++
    }
  }
  return { fields: [...fields, field], next: position, ended: false }
}

/** The delimiters that are tried, in this order: a space may also be inside a timestamp, a comma hardly. */
const candidates = [',', '\t', ';', '|', ' '] as const

/** The first delimiter that splits all of the first lines into the same number of columns, two or more. */
export function sniffDelimiter(text: string, options: TextOptions): string | undefined {
  return candidates.find((delimiter) => {
    const counts = parseRecords(text, delimiter, { ...options, limit: 100 }).map((record) => record.length)
    return counts.length > 0 && counts[0]! > 1 && counts.every((count) => count === counts[0])
  })
}
