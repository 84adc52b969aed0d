import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import type { VectorFilter } from './filter.ts'
import { checkHostileTexts, hostileText } from './hostile-texts.test-support.ts'
import { lanceVectors } from './lance-database.ts'
import { literalFilter, oneOf, templateFilter } from './milvus-filter.ts'
import { milvusText } from './milvus-text.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-filter-text-'))
afterAll(() => rm(root, { recursive: true, force: true }))

const schema = {
  dimensions: 2,
  similarity: 'dot',
  attributes: { category: 'text', price: 'number', sale: 'boolean' },
} as const

const unescaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

it('a text of Milvus is one literal, from which it is read back', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const literal = milvusText(text)
      // No quotation mark ends it early, and no line ends in it.
      expect(literal).toMatch(/^"(?:[^"\\\n\r]|\\["\\nrt])*"$/u)
      expect(literal.slice(1, -1).replace(/\\(.)/g, (_, each: string) => unescaped[each]!)).toBe(text)
    }),
    { numRuns: 5000 },
  )
})

/** A condition of Milvus without its literals: what is left must not depend on the texts. */
const bones = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"/g, '""')

it('texts change no more of a filter of Milvus than literals, or values beside it', () => {
  const filterOf = (one: string, two: string): VectorFilter => ({
    all: [
      { attribute: 'category', in: [one, two] },
      { not: { attribute: 'category', is: two } },
      { attribute: 'price', above: -0.5 },
    ],
  })
  const harmless = literalFilter(filterOf('a', 'b'), schema).filter
  fc.assert(
    fc.property(hostileText, hostileText, (one, two) => {
      expect(bones(literalFilter(filterOf(one, two), schema).filter)).toBe(bones(harmless))
      expect(templateFilter(filterOf(one, two), schema)).toEqual({
        filter:
          '(((a_category == {v0}) or (a_category == {v1})) and (not (a_category == {v2})) and (a_price > -0.5))',
        exprValues: { v0: one, v1: two, v2: two },
      })
      expect(bones(oneOf([one, two]))).toBe('id in ["", ""]')
    }),
    { numRuns: 2000 },
  )
})

it('LanceDB reads every text as what it is', () => checkHostileTexts(lanceVectors(join(root, 'lance')), 300))
