/** Values of a row by the names of its fields. */
export type DoubleRow = Readonly<Record<string, unknown>>
export type DoubleTest = (row: DoubleRow) => boolean

const TOKEN =
  /\s*(?:("(?:[^"\\\n\r]|\\.)*")|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|\{(\w+)\}|([A-Za-z_]\w*)|(==|!=|>=|<=|[<>()[\],]))/y
const ESCAPED: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', r: '\r', t: '\t' }

type Token =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'word' | 'sign'; readonly text: string }

const signs: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => (left as number) > (right as number),
  '>=': (left, right) => (left as number) >= (right as number),
  '<': (left, right) => (left as number) < (right as number),
  '<=': (left, right) => (left as number) <= (right as number),
}

/**
 * The test that a filter is, of what this package writes and no more: `and`, `or`, `not`, brackets, comparisons of a field with a value, `in` a list. `types`: of the fields, as `typeof`
 * has them; `templates`: values by name. Throws for everything else, as for a value of another type than its field.
 */
export function doubleFilter(
  text: string,
  {
    types,
    templates,
  }: {
    readonly types: Readonly<Record<string, string>>
    readonly templates: Readonly<Record<string, unknown>>
  },
): DoubleTest {
  if (text === '') return () => true
  const tokens = tokensOf(text, templates)
  let at = 0
  const refused = (): Error => new Error(`cannot parse expression: ${text.slice(0, 200)}, at token ${at}`)
  const is = (wanted: string): boolean => {
    const token = tokens[at]
    if (token === undefined || token.kind === 'value' || token.text !== wanted) return false
    at++
    return true
  }
  const expect = (wanted: string): void => {
    if (!is(wanted)) throw refused()
  }
  const value = (field: string): unknown => {
    const token = tokens[at++]
    if (token?.kind !== 'value' || typeof token.value !== types[field]) throw refused()
    return token.value
  }
  const comparison = (): DoubleTest => {
    const token = tokens[at++]
    if (token?.kind !== 'word' || types[token.text] === undefined) throw refused()
    const field = token.text
    if (is('in')) {
      expect('[')
      const values = new Set([value(field)])
      while (is(',')) values.add(value(field))
      expect(']')
      return (row) => values.has(row[field])
    }
    const sign = tokens[at++]
    const compare = sign?.kind === 'sign' ? signs[sign.text] : undefined
    if (compare === undefined) throw refused()
    const other = value(field)
    return (row) => compare(row[field], other)
  }
  const unary = (): DoubleTest => {
    if (is('not')) {
      const test = unary()
      return (row) => !test(row)
    }
    if (!is('(')) return comparison()
    const test = any()
    expect(')')
    return test
  }
  const all = (): DoubleTest => {
    const tests = [unary()]
    while (is('and')) tests.push(unary())
    return (row) => tests.every((test) => test(row))
  }
  const any = (): DoubleTest => {
    const tests = [all()]
    while (is('or')) tests.push(all())
    return (row) => tests.some((test) => test(row))
  }
  const test = any()
  if (at < tokens.length) throw refused()
  return test
}

function tokensOf(text: string, templates: Readonly<Record<string, unknown>>): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const [, literal, number, template, word, sign] = TOKEN.exec(text) ?? []
    if (literal !== undefined) tokens.push({ kind: 'value', value: unescaped(literal.slice(1, -1)) })
    else if (number !== undefined) tokens.push({ kind: 'value', value: Number(number) })
    else if (word === 'true' || word === 'false') tokens.push({ kind: 'value', value: word === 'true' })
    else if (template !== undefined && Object.hasOwn(templates, template))
      tokens.push({ kind: 'value', value: templates[template] })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else throw new Error(`cannot parse expression: ${text.slice(from, from + 100)}`)
  }
  return tokens
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (whole, letter: string) => {
    const found = ESCAPED[letter]
    if (found === undefined) throw new Error(`cannot parse expression: there is no escape ${whole}`)
    return found
  })
