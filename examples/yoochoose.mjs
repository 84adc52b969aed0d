// Yoochoose's clicks (RecSys Challenge 2015) as Transformers4Rec prepares them, then a small SASRec on the prepared folder.
import * as ensuite from 'ensuite'
const { features: f, openPrepared, prepare } = ensuite

const given = process.argv.slice(2)
const paths = given.filter((each) => each !== '--no-category')
const out = paths.pop()
if (out === undefined || paths.length === 0) {
  console.error(`Usage: node examples/yoochoose.mjs [--no-category] EVENTS... OUT
  EVENTS         yoochoose-clicks.dat, or the events.parquet of  npx ensuite data yoochoose --from FOLDER
  OUT            the folder that is written: sessions_by_day/1/{train,valid,test}.parquet, and so on
  --no-category  for events without, such as those of session-rec's sample of 100,000 clicks`)
  process.exit(2)
}

// The original has no header: its columns get the names that they have in events.parquet.
const source = paths.every((path) => path.endsWith('.parquet'))
  ? { path: paths }
  : { path: paths, columns: ['session', 'time', 'item', 'category'], delimiter: ',' }

const item = f.column('item', 'text')
const time = f.column('time', 'time')
const shop = ensuite.workflow({
  session: 'session',
  item: 'item',
  time: 'time',
  steps: [{ keep: f.not(f.repeatsLast(item)) }],
  features: {
    item: f.categorify(item),
    ...(!given.includes('--no-category') && { category: f.category('category') }),
    weekday_sine: f.cyclicSine(f.weekday(time), 7),
    weekday_cosine: f.cyclicCosine(f.weekday(time), 7),
    hour_sine: f.cyclicSine(f.hour(time), 24),
    hour_cosine: f.cyclicCosine(f.hour(time), 24),
    recency: f.normalize(f.log(f.recencyDays(time, item))),
  },
  // One value a session, which models do not read. Its first time is in the files anyway: `first_time`.
  context: { event_count: f.sessionCount() },
})

// Upstream learns codes and statistics from the test sessions, too: here they come from those that train.
// Its notebooks say the first 20 events and keep the last 20: here the last, which the next item depends on.
// It counts days of 24 hours from the first click of each partition: here they are those of the calendar, in UTC.
const { fitted, sessions, events, windows } = await prepare(shop, source, {
  out,
  minEvents: 2,
  maxEvents: 20,
  split: { every: 'day', validation: 0.1, test: 0.1 },
})
const items = fitted.vocabulary('item').values.length
console.log(`sessions ${sessions} · events ${events} · days ${windows.length} · items ${items}`)

// The first week: without `windows` all days are read. Two epochs take seconds: on the sample, twenty draw level with Markov.
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
