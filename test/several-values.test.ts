import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { prepareFrom, sharedData, sharedNote } from '../src/datasets/prepared.test-support.ts'
import { features as f, fittedWorkflowFromJson, inferSchema, workflow } from '../src/index.ts'
import { definitionFromJson, definitionToJson } from '../src/workflow/definition-json.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-several-'))
afterAll(() => rmSync(folder, { recursive: true }))

const genres = (most: number, more: { readonly minCount?: number } = {}) =>
  f.severalValues('genre', f.column('genres', 'text'), { separator: '|', most, ...more })

it('several values of a text, from a config, learnt, saved, and of a live session', async () => {
  const path = join(folder, 'log.csv')
  writeFileSync(
    path,
    'user,film,genres\nu1,a,Comedy|Drama\nu1,b,Drama\nu2,c,Drama | War|Comedy\nu2,d,\nu2,e,War\n',
  )
  const { definition } = workflow({ session: 'user', item: 'film', features: genres(2) })
  const config: unknown = JSON.parse(JSON.stringify(definitionToJson(definition)))
  const fitted = await workflow(definitionFromJson(config)).fit({ path })
  const saved = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
  // Drama is there three times, War twice; the third of three values is dropped, and Comedy is left with one.
  for (const name of ['genre_1', 'genre_2'])
    expect(saved.vocabulary(name)).toMatchObject({ values: ['Drama', 'War', 'Comedy'], counts: [3, 2, 1] })
  expect(saved.schema).toEqual({
    items: 7,
    categorical: { genre_1: 5, genre_2: 5 },
    continuous: [],
  })
  const live = [
    { film: 'c', genres: 'Drama | War|Comedy' },
    { film: 'd', genres: '' },
    { film: 'f', genres: 'Western|Comedy' },
  ]
  const { features } = saved.encode(live)
  expect([features['genre_1'], features['genre_2']]).toEqual([
    [2, 1, 1],
    [3, 1, 4],
  ])
})

/** In the order of the flags of `u.item`. */
const names = [
  ...['unknown', 'Action', 'Adventure', 'Animation', "Children's", 'Comedy', 'Crime', 'Documentary', 'Drama'],
  ...[
    'Fantasy',
    'Film-Noir',
    'Horror',
    'Musical',
    'Mystery',
    'Romance',
    'Sci-Fi',
    'Thriller',
    'War',
    'Western',
  ],
]

describe.skipIf(sharedNote !== '')(`MovieLens 100K${sharedNote}`, () => {
  it('learns a genre as often as the flags of films say', async () => {
    const prepared = await prepareFrom('ml-100k', join(sharedData, 'ml-100k'))
    const path = join(prepared.folder, 'events.parquet')
    const { columns } = await inferSchema({ path })
    expect(columns.find(({ name }) => name === 'genres')?.reason).toContain("lists of up to 6 by '|'")

    const fitted = await workflow({ session: 'session', features: genres(6, { minCount: 2 }) }).fit({ path })
    const { values, counts } = fitted.vocabulary('genre_6')
    const lines = (name: string): readonly string[] => {
      const bytes = readFileSync(join(sharedData, 'ml-100k', name))
      const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
      return text.trim().split(/\r?\n/)
    }
    const flags = new Map(lines('u.item').map((line) => [line.split('|')[0]!, line.split('|').slice(5)]))
    const expected = new Map<string, number>()
    for (const line of lines('u.data.gz'))
      for (const [at, flag] of flags.get(line.split('\t')[1]!)!.entries())
        if (flag === '1') expected.set(names[at]!, (expected.get(names[at]!) ?? 0) + 1)
    expect(new Map(values.map((value, at) => [value, counts[at]!]))).toEqual(expected)
  })
})
