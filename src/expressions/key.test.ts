import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashBucket, keyOf } from './key.ts'

/** Texts of the very characters that keys are put together with. */
const part = fc.oneof(
  fc.string({ unit: fc.constantFrom('\u001f', '|', 'a', '"', '\\', ','), maxLength: 5 }),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
)

test('no two keys are one', () => {
  const pairs = fc
    .integer({ min: 1, max: 4 })
    .chain((length) =>
      fc.tuple(...[0, 1].map(() => fc.array(part, { minLength: length, maxLength: length }))),
    )
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      expect(keyOf(one!) === keyOf(other!)).toBe(JSON.stringify(one) === JSON.stringify(other))
    }),
    { numRuns: 20_000 },
  )
})

test('no two keys of two short parts are one', () => {
  const texts = ['']
  for (let length = 0; length < 4; length++)
    for (const text of texts.slice(texts.findIndex((each) => each.length === length)))
      texts.push(...['\u001f', '|', 'a'].map((character) => text + character))
  const keys = texts.flatMap((one) => texts.map((other) => keyOf([one, other])))
  expect(new Set(keys).size).toBe(texts.length ** 2)
})

test('a single text is its own key', () => {
  for (const text of ['', 'a', '\u001f', '\u001f|', '\u{1f600}']) expect(keyOf([text])).toBe(text)
})

test("buckets are the first 8 bytes of the MD5, little-endian: RFC 1321's examples", () => {
  const [a, abc] = [0xa8b6f1c0b975c10cn, 0xb04fd23c98500190n]
  for (const buckets of [1, 2, 3, 7, 1000, 2 ** 30]) {
    expect(hashBucket(['a'], buckets)).toBe(Number(a % BigInt(buckets)))
    expect(hashBucket(['abc'], buckets)).toBe(Number(abc % BigInt(buckets)))
  }
})

test('two texts are hashed as one: by Python, of a\\x1f|b and a\\x1f\\x1f\\x1f|b', () => {
  // c894fee12e47553b and f3ac9019e4953148.
  expect(hashBucket(['a', 'b'], 2 ** 16)).toBe(0x94c8)
  expect(hashBucket(['a\u001f', 'b'], 2 ** 16)).toBe(0xacf3)
})
