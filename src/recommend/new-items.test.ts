import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder, tiny, type TinyOptions } from '../artifact/tiny-model.test-support.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'
import type { NewItem } from './new-items.ts'

const workerUrl = fromSource('worker.ts')

async function loaded(options: TinyOptions) {
  const made = tiny(options)
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, made, { createdAt: new Date(0) })
  const recommender = await loadWith(folder, { threads: 1 }, { workerUrl })
  onTestFinished(() => recommender.close())
  return recommender
}

const session = [
  { item: 'i3', colour: 'red', price: 1 },
  { item: 'i7', colour: 'blue', price: 2 },
]
const fresh = (item: string, colour = 'green', price = 0.4): NewItem => ({
  columns: { item, colour, price },
  vectors: { text: [0.3, -0.2] },
})

test('a new item is scored from the next call on, is seen in sessions, and can be removed and come back', async () => {
  const recommender = await loaded({ content: true })
  const before = await recommender.recommend(session, { k: 30 })
  expect(before.items).toHaveLength(28)
  await recommender.addItems([fresh('new'), fresh('newer', 'red', 3)])
  const { items } = await recommender.recommend(session, { k: 32 })
  expect(items).toHaveLength(30)
  // Those of the catalogue keep their scores.
  expect(items.filter(({ item }) => item.startsWith('i'))).toEqual(before.items)
  const withNew = await recommender.recommend([...session, { item: 'new', colour: 'green', price: 0.4 }])
  expect(withNew.unknown).toEqual([])
  expect(withNew.items.map(({ item }) => item)).not.toContain('new')
  expect(withNew.items).not.toEqual(before.items.slice(0, 10))
  recommender.removeItems(['new', 'i5'])
  const left = (await recommender.recommend(session, { k: 32 })).items.map(({ item }) => item)
  expect(left).toHaveLength(28)
  expect(left).not.toContain('new')
  expect(left).not.toContain('i5')
  await recommender.addItems([fresh('new'), { columns: { item: 'i5' } }])
  expect((await recommender.recommend(session, { k: 32 })).items).toEqual(items)
})

test('what is said of a new item anew takes the place of what was said', async () => {
  const recommender = await loaded({ content: true })
  const scoreOf = async (): Promise<number> =>
    (await recommender.recommend(session, { k: 31 })).items.find(({ item }) => item === 'new')!.score
  await recommender.addItems([fresh('new')])
  const first = await scoreOf()
  await recommender.addItems([fresh('new', 'blue', 9)])
  expect(await scoreOf()).not.toBe(first)
  await recommender.addItems([fresh('new')])
  expect(await scoreOf()).toBe(first)
})

test('a category that training did not know counts as none', async () => {
  const recommender = await loaded({ content: true })
  const scoreOf = async (item: string): Promise<number> =>
    (await recommender.recommend(session, { k: 32 })).items.find((each) => each.item === item)!.score
  await recommender.addItems([
    fresh('strange', 'mauve'),
    { columns: { item: 'silent', price: 0.4 }, vectors: { text: [0.3, -0.2] } },
  ])
  expect(await scoreOf('strange')).toBe(await scoreOf('silent'))
})

test('numbers that would make scores of no number are refused', async () => {
  const recommender = await loaded({ content: true })
  await expect(recommender.addItems([fresh('huge', 'red', 1e37)])).rejects.toMatchObject({
    code: 'ARTIFACT_INVALID',
  })
  expect((await recommender.recommend(session, { k: 30 })).items).toHaveLength(28)
})

test('a session has a vector, and a session of nothing known has none', async () => {
  const recommender = await loaded({ content: true })
  const vector = await recommender.embed(session)
  expect(vector).toHaveLength(8)
  expect(await recommender.embed([{ item: 'nothing' }])).toBeUndefined()
})

test('what was asked before is answered when it closes', async () => {
  const recommender = await loaded({ content: true })
  const asked = recommender.recommend(session, { dryRun: true, rules: { hide: ['i1'] } })
  await recommender.close()
  expect((await asked).items).toHaveLength(10)
  await expect(recommender.recommend(session)).rejects.toMatchObject({ code: 'CLOSED' })
})

test.each<[string, readonly unknown[], string, RegExp]>([
  ['no list', 'new' as unknown as readonly unknown[], 'OPTION_INVALID', /a list/],
  ['a bare id', ['new'], 'OPTION_INVALID', /item 0/],
  ['columns without the item', [{ columns: { colour: 'red' } }], 'COLUMN_MISSING', /'item'/],
  [
    'no vector',
    [{ columns: { item: 'new' } }],
    'SHAPE_MISMATCH',
    /'text' of item 0 .* 2 finite numbers, received 0/,
  ],
  [
    'a vector of another size',
    [fresh('other'), { columns: { item: 'new' }, vectors: { text: [1, 2, 3] } }],
    'SHAPE_MISMATCH',
    /item 1 /,
  ],
  [
    'vectors that the model has not',
    [{ ...fresh('new'), vectors: { image: [1] } }],
    'OPTION_INVALID',
    /takes text/,
  ],
  ['a strange field', [{ ...fresh('new'), price: 3 }], 'OPTION_UNKNOWN', /price/],
  [
    'a vector that is none',
    [{ columns: { item: 'new' }, vectors: { text: [1, NaN] } }],
    'SHAPE_MISMATCH',
    /finite/,
  ],
])('%s is refused, and nothing is added', async (_, given, code, message) => {
  const recommender = await loaded({ content: true })
  const adding = recommender.addItems(given as readonly NewItem[])
  await expect(adding).rejects.toMatchObject({ code })
  await expect(adding).rejects.toThrow(message)
  expect((await recommender.recommend(session, { k: 30 })).items).toHaveLength(28)
})

test('a model without content gives new items no embedding, and can take out what it has', async () => {
  const recommender = await loaded({ sides: true })
  await expect(recommender.addItems([fresh('new')])).rejects.toThrow(/inputs.content/)
  recommender.removeItems(['i5'])
  const items = (await recommender.recommend(session, { k: 30 })).items.map(({ item }) => item)
  expect(items).not.toContain('i5')
  await recommender.addItems([{ columns: { item: 'i5' } }])
  expect((await recommender.recommend(session, { k: 30 })).items).toHaveLength(28)
  expect(() => {
    recommender.removeItems(['i5', 'none'])
  }).toThrow(/no item 'none'/)
  expect((await recommender.recommend(session, { k: 30 })).items).toHaveLength(28)
})
