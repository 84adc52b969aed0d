import { expect, test } from 'vitest'
import {
  columnNamed,
  columnSchema,
  excluding,
  first,
  isList,
  isRagged,
  merge,
  only,
  schema,
  select,
  without,
} from './index.ts'

const shop = schema([
  { name: 'session', dtype: 'string', tags: ['session_id', 'categorical'] },
  { name: 'item', dtype: 'int64', tags: ['Item_ID', 'CATEGORICAL', 'my Tag'], properties: { a: 1 } },
  { name: 'brand', dtype: 'int32', tags: ['item', 'categorical'], domain: { min: 0, max: 9 } },
  { name: 'price', dtype: 'float32', tags: ['item', 'continuous'], domain: { min: 0.5, max: 9 } },
])
const names = (of: { readonly columns: readonly { readonly name: string }[] }): readonly string[] =>
  of.columns.map(({ name }) => name)

test('tags are normalised, once each', () => {
  expect(columnNamed(shop, 'item').tags).toEqual(['item', 'id', 'categorical', 'my Tag'])
})

test.each([
  [{ tags: ['item'] }, ['item', 'brand', 'price']],
  [{ tags: ['item_id'] }, ['item']],
  [{ tags: ['item_id', 'session_id'] }, ['session', 'item']],
  [{ tags: ['item_id', 'continuous'] }, ['item', 'price']],
  [{ tags: ['ID'] }, ['session', 'item']],
  [{ names: ['price', 'item'] }, ['item', 'price']],
  [{ names: ['session'], tags: ['continuous'] }, ['session', 'price']],
  [{ tags: [] }, []],
])('select %j, and excluding it the others', (selection, expected) => {
  expect(names(select(shop, selection))).toEqual(expected)
  expect(names(excluding(shop, selection))).toEqual(names(shop).filter((name) => !expected.includes(name)))
})

test('without, first, only', () => {
  expect(names(without(shop, ['item', 'nothing']))).toEqual(['session', 'brand', 'price'])
  expect(first(shop, { tags: ['categorical'] }).name).toBe('session')
  expect(only(shop, { tags: ['item_id'] }).name).toBe('item')
  expect(() => only(shop, { tags: ['item'] })).toThrow(/One column with the tag item.*3: item, brand, price/)
  expect(() => only(shop, { tags: ['user'] })).toThrow(
    expect.objectContaining({ code: 'COLUMN_MISSING' }) as Error,
  )
  expect(() => first(schema([]))).toThrow(expect.objectContaining({ code: 'COLUMN_MISSING' }) as Error)
  expect(() => select(shop, { names: ['itme'] })).toThrow(/'itme'.*Did you mean 'item'/)
})

test('merge: the right knows better, tags are united, what excludes them must be overridden', () => {
  const right = schema([
    { name: 'price', tags: ['target'], properties: { b: 2 } },
    { name: 'brand', dtype: 'string' },
    { name: 'more' },
  ])
  const merged = merge(shop, right)
  expect(names(merged)).toEqual(['session', 'item', 'brand', 'price', 'more'])
  expect(columnNamed(merged, 'price')).toEqual(
    columnSchema({
      name: 'price',
      dtype: 'float32',
      tags: ['item', 'continuous', 'target'],
      properties: { b: 2 },
      domain: { min: 0.5, max: 9 },
    }),
  )
  expect(columnNamed(merged, 'brand')).toEqual(
    columnSchema({ name: 'brand', dtype: 'string', tags: ['item', 'categorical'] }),
  )
  const colliding = schema([{ name: 'price', tags: ['categorical'] }])
  expect(() => merge(shop, colliding)).toThrow(expect.objectContaining({ code: 'TAG_COLLISION' }) as Error)
  expect(columnNamed(merge(shop, colliding, { override: true }), 'price').tags).toEqual([
    'item',
    'categorical',
  ])
})

test.each([
  ['categorical', 'continuous', true],
  ['categorical', 'embedding', true],
  ['continuous', 'embedding', true],
  ['id', 'continuous', true],
  ['embedding', 'user_id', true],
  ['id', 'categorical', false],
  ['continuous', 'target', false],
  ['embedding', 'list', false],
])('%s with %s: collision %s, in either order', (one, other, collides) => {
  for (const tags of [
    [one, other],
    [other, one],
  ]) {
    const make = (): unknown => columnSchema({ name: 'a', tags })
    if (collides) expect(make).toThrow(expect.objectContaining({ code: 'TAG_COLLISION' }) as Error)
    else expect(make).not.toThrow()
    expect(columnSchema({ name: 'a', tags }, { override: true }).tags).toContain(
      tags[1]!.replace('user_id', 'id'),
    )
  }
})

test.each([
  [undefined, false, false],
  [[{ min: 0 }], false, false],
  [[{ min: 0 }, { min: 4, max: 4 }], true, false],
  [[{ min: 0 }, { min: 2, max: 4 }], true, true],
  [[{ min: 0 }, { min: 0 }], true, true],
])('shape %j: list %s, ragged %s', (shape, list, ragged) => {
  const column = columnSchema({ name: 'a', ...(shape === undefined ? {} : { shape }) })
  expect([isList(column), isRagged(column)]).toEqual([list, ragged])
})

test('is immutable to the bottom, and does not share what it was given', () => {
  const properties = { a: [{ b: 1 }] }
  const column = columnSchema({ name: 'a', properties, shape: [{ min: 1 }] })
  properties.a[0]!.b = 2
  expect(column.properties).toEqual({ a: [{ b: 1 }] })
  const parts = [
    column,
    column.tags,
    column.properties,
    column.properties['a'],
    column.shape,
    column.shape![0],
    shop,
    shop.columns,
  ]
  expect(parts.every((part) => Object.isFrozen(part))).toBe(true)
})

const bad: readonly (readonly [string, object, string, RegExp])[] = [
  ['no name', { name: '' }, 'SCHEMA_INVALID', /name/],
  ['half a pair', { name: '\ud800' }, 'SCHEMA_INVALID', /surrogate/],
  ['dtype', { dtype: 'int' }, 'SCHEMA_INVALID', /dtype of int8.*"int"/],
  ['option', { dtypes: 'int8' }, 'OPTION_UNKNOWN', /Did you mean 'dtype'/],
  ['tag', { tags: [1] }, 'SCHEMA_INVALID', /tag/],
  ['domain of text', { dtype: 'string', domain: { min: 0, max: 1 } }, 'SCHEMA_INVALID', /dtype is string/],
  [
    'domain upside down',
    { dtype: 'int8', domain: { min: 2, max: 1 } },
    'SCHEMA_INVALID',
    /min 2 above max 1/,
  ],
  ['rounded domain', { dtype: 'int64', domain: { min: 0, max: 2 ** 53 } }, 'SCHEMA_INVALID', /bigint/],
  ['domain of fractions', { dtype: 'int8', domain: { min: 0, max: 1.5 } }, 'SCHEMA_INVALID', /whole/],
  [
    'domain without an end',
    { dtype: 'float32', domain: { min: 0, max: Infinity } },
    'SCHEMA_INVALID',
    /finite/,
  ],
  ['shape upside down', { shape: [{ min: 2, max: 1 }] }, 'SCHEMA_INVALID', /min 2 and max 1/],
  ['no axis', { shape: [] }, 'SCHEMA_INVALID', /axes/],
  ['property kept for the files', { properties: { value_count: 1 } }, 'SCHEMA_INVALID', /'value_count'/],
  [
    'property that is not JSON',
    { properties: { a: { b: NaN } } },
    'SCHEMA_INVALID',
    /properties\.a\.b.*finite/,
  ],
  [
    'property of a function',
    { properties: { a: [() => 1] } },
    'SCHEMA_INVALID',
    /properties\.a\[0\].*function/,
  ],
]
test.each(bad)('refuses: %s', (_what, given, code, message) => {
  const make = (): unknown => columnSchema({ name: 'a', ...given })
  expect(make).toThrow(expect.objectContaining({ code }) as Error)
  expect(make).toThrow(message)
})

test.each<[string, () => unknown, RegExp]>([
  ['schema', () => schema(undefined as never), /schema expects a list of columns, received undefined/],
  ['columnNamed', () => columnNamed({} as never, 'a'), /columnNamed expects a schema.*received an object/],
  [
    'select',
    () => select(shop, undefined as never),
    /select expects an object of options, received undefined/,
  ],
  ['without', () => without(shop, 'price' as never), /without: names must be a list of names/],
  ['merge', () => merge(shop, null as never), /merge: right expects a schema.*received null/],
  ['only', () => only([] as never), /only expects a schema.*received a list/],
])('%s refuses what is no schema or no selection', (_, call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  expect(call).toThrow(message)
})
