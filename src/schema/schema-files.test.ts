import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import {
  columnNamed,
  readSchema,
  schema,
  schemaFromJson,
  schemaFromText,
  schemaToJson,
  schemaToText,
  writeSchema,
} from './index.ts'
import { anySchema, printed } from './schema-of.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-schema-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string | Uint8Array): string => {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

test('what is written is read back, from either format', () => {
  fc.assert(
    fc.property(anySchema, (given) => {
      expect(schemaFromJson(schemaToJson(given))).toEqual(given)
      expect(schemaFromText(schemaToText(given))).toEqual(given)
    }),
    { numRuns: 300 },
  )
})

describe('what merlin-core wrote (tools/parity/merlin_schema.py)', () => {
  const fixture = fileURLToPath(new URL('../../test/fixtures/merlin-schema', import.meta.url))
  const expected = JSON.parse(readFileSync(join(fixture, 'expected.json'), 'utf8')) as Record<
    'json' | 'pbtxt',
    { name: string }[]
  >

  test.each([
    ['json', join(fixture, '.merlin/schema.json')],
    ['pbtxt', join(fixture, 'schema.pbtxt')],
  ] as const)('%s: as merlin-core reads it itself', async (format, path) => {
    const read = await readSchema(path)
    // Merlin forgets that a column held times; the size of its elements still tells.
    const others = (columns: readonly { name: string }[]): readonly object[] =>
      columns.filter(({ name }) => name !== 'when')
    expect(others(read.columns).map((column) => printed(column as (typeof read.columns)[0]))).toEqual(
      others(expected[format]),
    )
    expect(columnNamed(read, 'when').dtype).toBe('datetime')
  })

  test('a folder: the JSON is read', async () => {
    expect(await readSchema(fixture)).toEqual(await readSchema(join(fixture, '.merlin/schema.json')))
  })
})

test("an old file of Transformers4Rec: no extra metadata, compound tags, the range of a session's length", () => {
  const text = `
feature {
  name: "item_id-list"
  value_count { min: 2 max: 20 }
  type: INT
  int_domain { name: "item_id-list" min: 1 max: 52740 is_categorical: true }
  annotation { tag: "item_id" tag: "list" tag: "categorical" tag: "item" }
}
feature { name: "age-list" value_count { min: 2 max: 185 } type: FLOAT
  float_domain { name: "age-list" min: -2.9177291 max: 1.5231701 } annotation { tag: "continuous" tag: "list" } }
feature { name: "start" annotation { tag: "first" } }
feature { name: "start" annotation { tag: "first" } }
feature { name: "n" type: INT value_count { min: 3 max: 3 } int_domain { max: 9 is_categorical: true } presence { min_fraction: 1.0 } }
feature { name: "s" type: BYTES domain: "s" }`
  expect(schemaFromText(text)).toEqual(
    schema([
      {
        name: 'item_id-list',
        dtype: 'int64',
        tags: ['item_id', 'list', 'categorical'],
        domain: { name: 'item_id-list', min: 1, max: 52740 },
        shape: [{ min: 0 }, { min: 2, max: 20 }],
      },
      {
        name: 'age-list',
        dtype: 'float64',
        tags: ['continuous', 'list'],
        domain: { name: 'age-list', min: -2.9177291, max: 1.5231701 },
        shape: [{ min: 0 }, { min: 2, max: 185 }],
      },
      { name: 'start', tags: ['first'] },
      {
        name: 'n',
        dtype: 'int64',
        tags: ['categorical'],
        domain: { min: 0, max: 9 },
        shape: [{ min: 0 }, { min: 3, max: 3 }],
      },
      { name: 's', dtype: 'string' },
    ]),
  )
})

test('a type that was changed elsewhere wins over our note of the older one', () => {
  const written = schemaToJson(
    schema([
      { name: 'a', dtype: 'uint8' },
      { name: 'b', dtype: 'bool' },
    ]),
  )
  expect(schemaFromJson(written).columns.map(({ dtype }) => dtype)).toEqual(['uint8', 'bool'])
  const changed = written
    .replace('"dtype_item_size": 8', '"dtype_item_size": 32')
    .replace('"name": "b",', '"name": "b", "type": "BYTES",')
  expect(schemaFromJson(changed).columns.map(({ dtype }) => dtype)).toEqual(['int32', 'string'])
})

test('a folder: both files, whole, nothing beside them; the text is read where no JSON is', async () => {
  const given = schema([{ name: 'a', dtype: 'int8', domain: { min: -1, max: 5 } }])
  const at = join(folder, 'new/data')
  await writeSchema(schema([{ name: 'old' }]), at)
  await writeSchema(given, at)
  expect([readdirSync(at).sort(), readdirSync(join(at, '.merlin'))]).toEqual([
    ['.merlin', 'schema.pbtxt'],
    ['schema.json'],
  ])
  expect(await readSchema(at)).toEqual(given)
  rmSync(join(at, '.merlin'), { recursive: true })
  expect(await readSchema(at)).toEqual(given)
})

test('a folder whose .merlin leads elsewhere, or that is a file, is not written to', async () => {
  const outside = join(folder, 'outside')
  mkdirSync(outside)
  mkdirSync(join(folder, 'linked'))
  symlinkSync(outside, join(folder, 'linked/.merlin'))
  await expect(writeSchema(schema([]), join(folder, 'linked'))).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
  })
  expect(readdirSync(outside)).toEqual([])
  await expect(writeSchema(schema([]), write('a-file', ''))).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
  })
})

test.each([
  ['nowhere', undefined, 'FILE_NOT_FOUND', /No file/],
  ['empty/x.txt', '', 'FORMAT_UNKNOWN', /\.json or \.pbtxt/],
  ['latin.pbtxt', Uint8Array.of(0x22, 0xe9), 'FILE_UNREADABLE', /UTF-8/],
  ['huge.json', new Uint8Array(16 * 1024 * 1024 + 1), 'FILE_UNREADABLE', /more than/],
  ['broken.json', '{"feature": [', 'SCHEMA_INVALID', /broken\.json expects JSON/],
  ['list.json', '[]', 'SCHEMA_INVALID', /object/],
  [
    'number.json',
    '{"feature":[{"name":"a","type":"INT","intDomain":{"max":1e300}}]}',
    'SCHEMA_INVALID',
    /feature\[0\]\.max.*whole number/,
  ],
  [
    'rounded.json',
    '{"feature":[{"name":"a","type":"INT","intDomain":{"max":9007199254740993}}]}',
    'SCHEMA_INVALID',
    /beyond 2⁵³/,
  ],
  [
    'dims.json',
    '{"feature":[{"name":"a","annotation":{"extraMetadata":[{"_dims":[[1]]}]}}]}',
    'SCHEMA_INVALID',
    /_dims/,
  ],
  [
    'deep.json',
    `{"feature":[{"name":"a","annotation":{"extraMetadata":[{"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}]}}]}`,
    'SCHEMA_INVALID',
    /levels/,
  ],
  ['twice.json', '{"feature":[{"name":"a"},{"name":"a","type":"INT"}]}', 'SCHEMA_INVALID', /'a' twice/],
  [
    'tags.json',
    '{"feature":[{"name":"a","annotation":{"tag":["id","continuous"]}}]}',
    'TAG_COLLISION',
    /Column 'a'.*'continuous' excludes 'id'/,
  ],
])('refuses %s', async (name, content, code, message) => {
  const path = content === undefined ? join(folder, name) : write(name, content)
  await expect(readSchema(path)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  })
})

test('later tags win where it is asked for', async () => {
  const path = write(
    'override.json',
    '{"feature":[{"name":"a","annotation":{"tag":["item_id","continuous"]}}]}',
  )
  expect((await readSchema(path, { override: true })).columns[0]!.tags).toEqual(['item', 'continuous'])
})
