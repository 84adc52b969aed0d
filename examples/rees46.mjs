// REES46's shop as the tutorial of Transformers4Rec prepares it, then a small SASRec on the prepared folder.
import * as ensuite from 'ensuite'
const { features: f, openPrepared, prepare } = ensuite

const paths = process.argv.slice(2)
const out = paths.pop()
if (out === undefined || paths.length === 0) {
  console.error(`Usage: node examples/rees46.mjs EVENTS... OUT
  EVENTS  REES46's own files, such as 2019-Oct.csv.gz (npx ensuite data rees46 --accept-licence)
  OUT     the folder that is written: sessions_by_day/1/{train,valid,test}.parquet, and so on`)
  process.exit(2)
}

const session = f.column('user_session', 'text')
const product = f.column('product_id', 'text')
const time = f.column('event_time', 'time')
const price = f.column('price', 'number')

const shop = ensuite.workflow({
  session: 'user_session',
  item: 'product_id',
  time: 'event_time',
  steps: [{ keep: f.present(session) }, { keep: f.not(f.repeatsLast(product)) }],
  features: {
    product_id: f.categorify(product),
    category_id: f.category('category_id'),
    category_code: f.category('category_code'),
    brand: f.category('brand'),
    event_type: f.category('event_type'),
    weekday_sine: f.cyclicSine(f.weekday(time), 7),
    weekday_cosine: f.cyclicCosine(f.weekday(time), 7),
    hour_sine: f.cyclicSine(f.hour(time), 24),
    hour_cosine: f.cyclicCosine(f.hour(time), 24),
    recency: f.normalize(f.log(f.recencyDays(time, product))),
    price: f.normalize(f.log(price)),
    relative_price: f.relativeTo(price, f.column('category_id', 'text')),
  },
  // One value a session, which models do not read. Its first time is in the files anyway: `first_time`.
  context: { user: f.category('user_id'), event_count: f.sessionCount() },
})

// Upstream learns codes and statistics from the test sessions, too: here they come from those that train.
// Its notebooks say the first 20 events and keep the last 20: here the last, which the next item depends on.
// It counts days of 24 hours from the first event of each partition: here they are those of the calendar, in UTC.
const { fitted, sessions, events, windows } = await prepare(
  shop,
  { path: paths },
  { out, minEvents: 2, maxEvents: 20, split: { every: 'day', validation: 0.1, test: 0.1 } },
)
const items = fitted.vocabulary('product_id').values.length
console.log(`sessions ${sessions} · events ${events} · days ${windows.length} · items ${items}`)

// The first week, as upstream: without `windows` all days are read. Two epochs take seconds: a model worth having takes more.
const prepared = await openPrepared(out)
const week = (part) => ({ part, windows: [1, 7] })
const nextItem = ensuite.model(fitted.schema, {
  masking: ensuite.masking.causal(),
  block: ensuite.blocks.sasrec({ width: 64, layers: 1, heads: 2 }),
  heads: [ensuite.heads.nextItem()],
  maxLength: 20,
})
const { weights } = await ensuite.train(nextItem, await prepared.source(week('train')), {
  epochs: 2,
  batchSize: 64,
  optimizer: { learningRate: 2e-3 },
})

const test = await prepared.sessions(week('test'))
const how = { items, maxLength: 20, ks: [10], filterSeen: false }
const scorer = await ensuite.modelScorer(nextItem, ensuite.nodeRuntime(), weights)
const sasrec = await ensuite.evaluateRanking(scorer, test, how)
await scorer.close()
const { popularity, markov } = await ensuite.floors(await prepared.sessions(week('train')), test, how)
for (const [name, result] of Object.entries({ sasrec, markov, popularity }))
  console.log(`ndcg@10 ${name} ${result['ndcg@10'].toFixed(4)} (${result.sessions} sessions)`)
