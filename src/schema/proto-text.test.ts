import { expect, test } from 'vitest'
import { schema, schemaFromText } from './index.ts'

test('everything that the text format allows', () => {
  const text = `# a comment
    feature < name : 'a' "b"  # strings that follow each other are one
      "\\303\\274\\x41\\u00e9\\U0001F642\\n\\'" ; type: 2,
      annotation: { tag: ["x", 'y'] tag: [] tag: "z" unknown_field: -inf other [1, 2] more <> }
      int_domain { min: - 0x10 max: 017 is_categorical: t } > feature: [ { name: "1" }, < name: "2" > ]
    unknown { a: 1.5e3f [ext.name]: ENUM b { c: 'd' } }`
  // A list of scalars needs its colon.
  expect(() => schemaFromText(text)).toThrow(/line 4, column \d+: expected ':', '{' or '<' after 'other'/)
  expect(schemaFromText(text.replace('other [', 'other: ['))).toEqual(
    schema([
      {
        name: "abüAé🙂\n'",
        dtype: 'int64',
        tags: ['x', 'y', 'z', 'categorical'],
        domain: { min: -16, max: 15 },
      },
      { name: '1' },
      { name: '2' },
    ]),
  )
})

test('properties that are written out under the name of their type', () => {
  const text = `feature { name: "a" annotation { extra_metadata { [type.googleapis.com/google.protobuf.Struct] {
    fields { key: "n" value { number_value: 1.5 } } fields { key: "z" value { null_value: NULL_VALUE } }
    fields { key: "l" value { list_value { values { string_value: "s" } values { bool_value: true } } } }
    fields { key: "o" value { struct_value { fields { key: "k" value { number_value: -2 } } } } }
    fields { key: "_dims" value { list_value { values { list_value { values { number_value: 0 } values { null_value: NULL_VALUE } } } values { number_value: 4 } } } }
  } } } }`
  expect(schemaFromText(text)).toEqual(
    schema([
      {
        name: 'a',
        properties: { n: 1.5, z: null, l: ['s', true], o: { k: -2 } },
        shape: [{ min: 0 }, { min: 4, max: 4 }],
      },
    ]),
  )
})

/** What is wrong → the text, what the message says. */
test.each([
  ['no end', 'feature {', /line 1, column 10: expected the name of a field or '}', received the end/],
  ['wrong bracket', 'feature {\n name: "a" >', /line 2, column 12: .* received '>'/],
  ['stray bracket', '}', /line 1, column 1: expected the name of a field, received '}'/],
  ['no colon', 'feature { name "a" }', /column 16: expected ':', '{' or '<' after 'name'/],
  ['no value', 'feature { name: }', /column 17: expected a value of 'name', received '}'/],
  ['string over two lines', 'feature { name: "a\n" }', /column 17: the string does not end/],
  ['string without an end', 'feature { name: "a\\', /does not end/],
  ['unknown escape', 'feature { name: "ab\\q" }', /column 20: '\\q' is no escape/],
  ['byte beyond 255', 'feature { name: "\\777" }', /'\\777' is no escape/],
  ['half a pair', 'feature { name: "\\ud800" }', /'\\ud800' is no escape/],
  ['no UTF-8', 'feature { name: "\\377" }', /'name' expects text in UTF-8/],
  ['list without an end', 'feature { name: "a" annotation { tag: ["x" } }', /expected ',' or '\]'/],
  ['no name', 'feature { type: INT }', /column 9: a feature expects a 'name'/],
  ['message in place of text', 'feature { name { } }', /'name' expects a text/],
  ['text in place of a message', 'feature: "a"', /'feature' expects a message/],
  ['name without quotes', 'feature { name: a }', /'name' expects a text in quotes/],
  ['twice', 'feature { name: "a" name: "b" }', /column 27: 'name' is given twice/],
  ['type', 'feature { name: "a" type: DOUBLE }', /'type' expects INT, .* received 'DOUBLE'/],
  ['type of an object', 'feature { name: "a" type: constructor }', /received 'constructor'/],
  [
    'fraction',
    'feature { name: "a" type: INT int_domain { max: 1.5 } }',
    /'max' expects a whole number, received '1\.5'/,
  ],
  ['beyond 64 bits', 'feature { name: "a" type: INT int_domain { max: 9223372036854775808 } }', /64 bits/],
  [
    'not finite',
    'feature { name: "a" type: FLOAT float_domain { max: inf } }',
    /'max' expects a finite number/,
  ],
  ['min above max', 'feature { name: "a" type: INT int_domain { min: 1 } }', /min 1 above max 0/],
  ['truth', 'feature { name: "a" int_domain { is_categorical: yes } }', /expects true or false/],
  ['deep', `a ${'{ a '.repeat(1e5)}`, /at most 100 messages/],
  [
    'bytes of no struct',
    'feature { name: "a" annotation { extra_metadata { value: "\\012\\377" } } }',
    /Struct/,
  ],
  [
    'deep bytes',
    `feature { name: "a" annotation { extra_metadata { value: "${deepStruct(60)}" } } }`,
    /levels/,
  ],
  [
    'another Any',
    'feature { name: "a" annotation { extra_metadata { type_url: "x/y" } } }',
    /received 'x\/y'/,
  ],
])('refuses: %s', (_what, text, message) => {
  expect(() => schemaFromText(text)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }) as Error)
  expect(() => schemaFromText(text)).toThrow(message)
})

/** The escaped bytes of `{ "": { "": … } }`. */
function deepStruct(levels: number): string {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
  const field = (tag: number, inner: number[]): number[] => [tag, ...varint(inner.length), ...inner]
  let bytes: number[] = []
  for (let level = 0; level < levels; level++) bytes = field(0x0a, field(0x12, field(0x2a, bytes)))
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}

test('a long hostile text is read in time in proportion to its length', () => {
  const started = performance.now()
  for (const text of [
    '#\n'.repeat(1e6),
    `a: "${'\\n'.repeat(1e6)}"`,
    'a: 1 '.repeat(3e5),
    `a: [${'1,'.repeat(5e5)}1]`,
    'a: "'.repeat(2e5),
  ])
    try {
      schemaFromText(text)
    } catch (error) {
      expect(error).toMatchObject({ code: 'SCHEMA_INVALID' })
    }
  expect(performance.now() - started).toBeLessThan(20_000)
})
