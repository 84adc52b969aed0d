import { features as f, openPrepared, prepare, workflow } from 'ensuite'

// Features are expressions over columns: data, not functions. The same tree runs as SQL over files and online over a live session.
const item = f.column('page.2..clothing.model.', 'text')
const price = f.column('price', 'number')
const clicks = workflow({
  session: 'session.ID',
  item: 'item',
  steps: [{ keep: f.not(f.repeatsLast(item)) }],
  features: {
    item: f.categorify(item, { minCount: 5 }),
    colour: f.category('colour'),
    price: f.normalize(f.log(price)),
    relativePrice: f.relativeTo(price, f.column('page.1..main.category.', 'text')),
    cheaperThanLast: f.less(price, f.lag(price)),
    position: f.position(),
  },
})

// Learns vocabularies and statistics, groups by session, and writes Parquet: larger than memory.
const { fitted, sessions, events } = await prepare(
  clicks,
  { path: 'examples/eshop-clothing/e-shop_clothing_2008.csv.gz' },
  { out: 'artifacts/prepared', maxEvents: 20 },
)
console.log(`${sessions} sessions, ${events} events`)

const prepared = await openPrepared('artifacts/prepared')
const files = prepared.parts.map(({ file }) => file)
const { offsets, values } = await prepared.read(files, ['item', 'price'])
console.log('items of the first session:', ...values[0].subarray(0, offsets[1]))

// A live session, encoded as the files were.
const live = fitted.encode([
  { 'page.2..clothing.model.': 'A13', price: 28, colour: '1', 'page.1..main.category.': '1' },
  { 'page.2..clothing.model.': 'A16', price: 33, colour: '1', 'page.1..main.category.': '1' },
])
console.log('online:', live.features.item, live.features.cheaperThanLast)
