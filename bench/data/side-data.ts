import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fitSplit, type SplitSessions } from '../../src/data/index.ts'
import { expressions as f } from '../../src/expressions/index.ts'
import type { FeatureSchema, InputOptions } from '../../src/inputs/index.ts'
import type { LookupTable } from '../../src/workflow/read-lookup.ts'
import { workflow } from '../../src/workflow/index.ts'

export const sideDataNames = ['beauty', 'clothing'] as const

export interface SideData {
  readonly schema: FeatureSchema
  readonly parts: Pick<SplitSessions, 'train' | 'validation' | 'test'>
  readonly lists: NonNullable<InputOptions['lists']>
  /** Whether people come back to an item so seldom that what they have had is left out. */
  readonly filterSeen: boolean
}

/** Sessions with side features, divided by leaving out the last event and the one before; everything is learnt from what trains. */
export async function sideData(name: (typeof sideDataNames)[number], from: string): Promise<SideData> {
  return name === 'beauty'
    ? beauty(join(from, 'amazon_beauty_enriched'))
    : clothing(join(from, 'eshop_clothing_2008'))
}

async function beauty(folder: string): Promise<SideData> {
  const items = readItems(join(folder, 'items.tsv.gz'))
  const price = lookupTable(items, 'price', Number)
  const brand = lookupTable(items, 'brand', String)
  const categories = lookupTable(items, 'categories', String)
  const item = f.column('item', 'text')
  const own = workflow({
    session: 'user',
    item: 'item',
    time: f.column('timestamp', 'seconds'),
    features: {
      item: f.categorify(item),
      brand: f.categorify(f.lookup([item], brand), { minCount: 5 }),
      price: f.normalize(f.log(f.fillMedian(f.lookup([item], price)))),
      ...f.severalValues('category', f.lookup([item], categories), { separator: ', ', most: 6 }),
    },
  })
  const { fitted, ...parts } = await fitSplit(
    own,
    { path: join(folder, 'events.tsv.gz'), format: 'csv', delimiter: '\t' },
    { kind: 'leave-one-out' },
  )
  const of = Object.keys(fitted.schema.categorical).filter((each) => each.startsWith('category_'))
  return { schema: fitted.schema, parts, lists: { category: { of } }, filterSeen: true }
}

async function clothing(folder: string): Promise<SideData> {
  const price = f.column('price', 'number')
  const own = workflow({
    session: 'session.ID',
    item: 'page.2..clothing.model.',
    features: {
      'page.2..clothing.model.': f.category('page.2..clothing.model.'),
      category: f.category('page.1..main.category.'),
      colour: f.category('colour'),
      location: f.category('location'),
      photography: f.category('model.photography'),
      above: f.category('price.2'),
      page: f.category('page'),
      country: f.category('country'),
      month: f.category('month'),
      day: f.category('day'),
      price: f.normalize(price),
    },
  })
  const { fitted, ...parts } = await fitSplit(
    own,
    { path: join(folder, 'e-shop_clothing_2008.csv.gz'), format: 'csv' },
    { kind: 'leave-one-out' },
  )
  return { schema: fitted.schema, parts, lists: {}, filterSeen: false }
}

/** Rows by column name. Titles hold single quotation marks, which in quoted text would open a field: read as they are. */
function readItems(path: string): readonly Readonly<Record<string, string>>[] {
  const [header, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n')
  const names = header!.split('\t')
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, at) => [names[at]!, cell])))
}

function lookupTable(
  rows: readonly Readonly<Record<string, string>>[],
  column: string,
  parse: (text: string) => number | string,
): LookupTable {
  const present = rows.filter((row) => (row[column] ?? '') !== '' && !Number.isNaN(parse(row[column]!)))
  return { keys: present.map((row) => [row['item']!]), values: present.map((row) => parse(row[column]!)) }
}
