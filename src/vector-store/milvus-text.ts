/**
 * A text as a literal of Milvus' filters, between double quotation marks. What ends it, begins an escape or ends a line is escaped, and nothing else: Milvus reads it as Go does, Milvus Lite by
 * rules of its own, which know no escapes of code points.
 */
export const milvusText = (text: string): string =>
  `"${text.replace(/["\\\n\r\t]/g, (each) => ESCAPES[each]!)}"`

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
