/**
 * A text as a literal of Milvus' filters, between double quotation marks: what could end it, or begin an escape, and all that is not printable ASCII but letters of other scripts, is escaped as Go and Python both read it.
 */
export const milvusText = (text: string): string =>
  `"${text.replace(/["\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (each) => ESCAPES[each] ?? `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
