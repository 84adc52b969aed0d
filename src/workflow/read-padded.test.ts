import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expressions as e } from '../expressions/index.ts'
import { openPrepared, type PreparedFolder } from './prepared-sessions.ts'
import { prepare } from './prepare.ts'
import { paddedSessions, type PaddingOptions } from './read-padded.ts'
import { workflow as createWorkflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-padded-'))
afterAll(() => rmSync(folder, { recursive: true }))
let opened: PreparedFolder
let files: readonly string[]
beforeAll(async () => {
  const path = join(folder, 'events.csv')
  writeFileSync(path, 'session,item,price\na,x,1.5\na,y,\na,x,3\nb,y,4\nc,x,5\nc,x,6\n')
  const price = e.column('price', 'number')
  const definition = {
    session: 'session',
    item: 'item',
    features: { price, cheap: e.less(price, 4) },
    context: { latest: price, name: e.column('item', 'text') },
  }
  const out = join(folder, 'out')
  await prepare(createWorkflow(definition), { path }, { out, minEvents: 1 })
  opened = await openPrepared(out)
  files = opened.parts.map(({ file }) => file)
})

const padded = async (options: PaddingOptions): Promise<readonly (readonly number[])[]> =>
  (await opened.readPadded(files, ['item', 'price'], options)).values.map((values) => [...values])

// x is the most frequent item, code 2; y is code 3.
test('the latest events of longer sessions, shorter ones filled up behind, or before', async () => {
  expect(await padded({ length: 2 })).toEqual([
    [3, 2, 3, 0, 2, 2],
    [NaN, 3, 4, 0, 5, 6],
  ])
  expect(await padded({ length: 4, side: 'start', value: -1 })).toEqual([
    [-1, 2, 3, 2, -1, -1, -1, 3, -1, -1, 2, 2],
    [-1, 1.5, NaN, 3, -1, -1, -1, 4, -1, -1, 5, 6],
  ])
  expect(await padded({ length: 1, side: 'start' })).toEqual([
    [2, 3, 2],
    [3, 4, 6],
  ])
})

test('codes are whole, numbers and truth values are floats, lengths are those of the sessions', async () => {
  const { rows, lengths, values } = await opened.readPadded(files, ['cheap', 'item'], { length: 2 })
  expect([rows, lengths]).toEqual([3, new Int32Array([3, 1, 2])])
  expect(values).toEqual([new Float32Array([NaN, 1, 0, 0, 0, 0]), new Int32Array([3, 2, 3, 0, 2, 2])])
  const { values: half } = await opened.readPadded(files, ['cheap'], { length: 2, value: 0.5 })
  expect(half).toEqual([new Float32Array([NaN, 1, 0, 0.5, 0, 0])])
})

test('beside the features: ids, and values of whole sessions', async () => {
  const beside = { ids: true, context: ['latest'] }
  const expected = { ids: ['a', 'b', 'c'], context: [new Float64Array([3, 4, 6])] }
  expect(await opened.read(files, ['item'], beside)).toMatchObject({ rows: 3, ...expected })
  expect(await opened.readPadded(files, ['item'], { length: 2, ...beside })).toMatchObject(expected)
  expect(await opened.read(files, ['item'])).toMatchObject({ ids: [], context: [] })
  for (const [options, code] of [
    [{ id: true } as object, 'OPTION_UNKNOWN'],
    [{ ids: 'yes' as unknown as boolean }, 'OPTION_INVALID'],
    [{ context: ['latst'] }, 'OPTION_UNKNOWN'],
    [{ context: ['name'] }, 'OPTION_INVALID'],
  ] as const) {
    await expect(opened.read(files, ['item'], options)).rejects.toMatchObject({ code })
    await expect(opened.readPadded(files, ['item'], { length: 2, ...options })).rejects.toMatchObject({
      code,
    })
  }
})

test('several chunks follow each other; none at all are no rows', () => {
  const chunk = (offsets: readonly number[], values: readonly number[]): object => ({
    rows: offsets.length - 1,
    offsets: Int32Array.from(offsets),
    values: [Int32Array.from(values)],
  })
  const chunks = [chunk([0, 1, 3], [7, 8, 9]), chunk([0, 2], [5, 6])] as Parameters<typeof paddedSessions>[0]
  expect(paddedSessions(chunks, 1, { length: 2, side: 'start' })).toEqual({
    rows: 3,
    lengths: new Int32Array([1, 2, 2]),
    values: [new Int32Array([0, 7, 8, 9, 5, 6])],
  })
  expect(paddedSessions([], 1, { length: 2 })).toMatchObject({ rows: 0, values: [new Float32Array(0)] })
  expect(() => paddedSessions(chunks, 1, { length: 2 ** 52 })).toThrow(
    expect.objectContaining({ code: 'MEMORY_FULL' }),
  )
})

test.each([
  ['an unknown option', { length: 2, left: true }, 'OPTION_UNKNOWN'],
  ['no length', {}, 'OPTION_INVALID'],
  ['no event', { length: 0 }, 'OPTION_INVALID'],
  ['another side', { length: 2, side: 'left' }, 'OPTION_INVALID'],
  ['half a code', { length: 2, value: 0.5 }, 'OPTION_INVALID'],
  ['more than a code', { length: 2, value: 2 ** 31 }, 'OPTION_INVALID'],
])('refused: %s', async (_, options, code) => {
  const read = opened.readPadded(files, ['item'], options as PaddingOptions)
  await expect(read).rejects.toMatchObject({ code })
})

test.each<[string, unknown, unknown, unknown, RegExp]>([
  ['one file', 'sessions.parquet', ['item'], {}, /list of one file or more, received "sessions.parquet"/],
  ['no file', [], ['item'], {}, /list of one file or more, received an empty one/],
  ['a part for its file', [{ file: 'x' }], ['item'], {}, /expects paths, received \{"file":"x"\} among them/],
  [
    'one feature',
    undefined,
    'item',
    {},
    /features expects a list of names, such as \['item'\], received "item"/,
  ],
  ['a number for a feature', undefined, [1], {}, /features expects a list of names.* received 1 among them/],
  ['one value of sessions', undefined, ['item'], { context: 'latest' }, /context expects a list of names/],
])('refused, what is no list: %s', async (_, some, features, options, message) => {
  const given = [(some ?? files) as readonly string[], features as readonly string[]] as const
  const refusal = { code: 'OPTION_INVALID', message: expect.stringMatching(message) as string }
  await expect(opened.read(...given, options as object)).rejects.toMatchObject(refusal)
  await expect(opened.readPadded(...given, { length: 2, ...(options as object) })).rejects.toMatchObject(
    refusal,
  )
})

test('refused: no options of padding, no function to stream to', async () => {
  const none = undefined as never
  for (const refused of [opened.readPadded(files, ['item'], none), opened.stream(files, ['item'], none)])
    await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
