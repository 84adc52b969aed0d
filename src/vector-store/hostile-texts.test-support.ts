import fc from 'fast-check'
import { expect } from 'vitest'
import type { VectorDatabase, VectorRow } from './vector-store.ts'

const pieces = [
  ...[
    "'",
    "''",
    '"',
    '\\',
    "\\'",
    '\\"',
    '`',
    '%',
    '_',
    '{',
    '}',
    '{v0}',
    '$1',
    '?',
    ';',
    '--',
    '/*',
    '*/',
    '#',
  ],
  ...[
    '\n',
    '\r',
    '\t',
    '\0',
    '\u0001',
    '\u001f',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    'a\ufeff',
    '\u200b',
    '\u202e',
  ],
  ...[
    "' or 1=1 --",
    '" or id != "',
    "'; drop table v1; --",
    '") or (id != "',
    '\\u0022',
    '\\x22',
    'u{22}',
    '\\N{QUOTATION MARK}',
  ],
  ...['ü', 'u\u0308', 'İ', 'ß', '日本', '😀', '👩‍👩‍👧', '\u{10ffff}', 'and', 'NULL', 'true', ' ', 'a', '0x41'],
]

/** Texts that would end a literal, begin an escape, or be something else in it. Whole characters: others are refused. */
export const hostileText: fc.Arbitrary<string> = fc
  .oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 10 }),
  )
  .map((text) => text.replace(/\p{Surrogate}/gu, ''))

/** Fills a version with hostile ids and texts, and finds each by itself alone. */
export async function checkHostileTexts(database: VectorDatabase, texts: number): Promise<void> {
  const all = fc
    .sample(hostileText, { numRuns: 3 * texts, seed: 7 })
    .filter((text) => text !== '' && !text.startsWith('a\ufeff'))
  const different = [...new Set([...pieces, ...all])].slice(0, texts)
  const rows = different.map((text, at): VectorRow => ({
    id: text,
    vector: Float32Array.of(at, 1),
    attributes: { category: text },
  }))
  const schema = { dimensions: 2, similarity: 'dot', attributes: { category: 'text' } } as const
  const store = await database.create('hostile', schema)
  await store.upsert(rows)
  expect(await store.count()).toBe(different.length)
  expect((await store.get(different)).map((row) => row?.attributes?.['category'])).toEqual(different)
  for (const [at, text] of different.entries()) {
    const filter = { attribute: 'category', is: text } as const
    const [found] = await store.search([Float32Array.of(0, 1)], { k: 5, filter })
    expect(
      found!.map(({ id }) => id),
      JSON.stringify(text),
    ).toEqual([text])
    if (at % 10 !== 0) continue
    expect(await store.count({ not: filter }), JSON.stringify(text)).toBe(different.length - 1)
    expect(await store.count({ attribute: 'category', is: `${text} ` }), JSON.stringify(text)).toBe(
      different.includes(`${text} `) ? 1 : 0,
    )
  }
  const half = different.slice(0, different.length >> 1)
  await store.delete(half)
  expect(await store.count()).toBe(different.length - half.length)
  await database.close()
}
