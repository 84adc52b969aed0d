import { expect, test } from 'vitest'
import { withDatabase } from '../events/database.ts'
import { sortedTexts } from './json-rows.ts'

const read = (texts: readonly (readonly [string, string])[]): Promise<readonly (readonly string[])[]> =>
  withDatabase([], async (database) => {
    await database.run('CREATE TABLE given (k0 VARCHAR, k1 VARCHAR)')
    await database.append('given', [
      { type: 'VARCHAR', values: texts.map(([first]) => first) },
      { type: 'VARCHAR', values: texts.map(([, second]) => second) },
    ])
    await database.run('CREATE TABLE sorted AS SELECT * FROM given ORDER BY k0, k1')
    return sortedTexts(database, 'sorted', ['k0', 'k1'])
  })

test('texts come as they are, in the order of their code points', async () => {
  const rows = await read([
    ['\u{1f600}', 'b'],
    ['', '"quoted"\n'],
    ['\uff5e', 'a'],
    ['', ''],
  ])
  expect(rows).toEqual([
    ['', ''],
    ['', '"quoted"\n'],
    ['\uff5e', 'a'],
    ['\u{1f600}', 'b'],
  ])
})

test('a text may hold what separates texts on their way from the engine', async () => {
  const rows = [
    ['a', 'one\u001ftwo'],
    ['b\u001fc', '\u001f'],
  ] as const
  expect(await read(rows)).toEqual(rows)
})

test('more rows than cross the border at once keep their order', async () => {
  const rows = Array.from({ length: 45_000 }, (_, at) => [String(at).padStart(6, '0'), 'x'] as const)
  expect(await read(rows)).toEqual(rows)
})
