import {
  blocks,
  evaluateHeads,
  evaluateRanking,
  features as f,
  fitSplit,
  floors,
  heads,
  loadRecommender,
  masking,
  model,
  modelScorer,
  nodeRuntime,
  saveArtifact,
  train,
  workflow,
} from 'ensuite'

const clicks = workflow({
  session: 'session.ID',
  item: 'page.2..clothing.model.',
  time: 'order',
  features: {
    category: f.category('page.1..main.category.'),
    // A head of an amount starts at 0: it learns fastest what has a mean of 0 and a deviation of 1.
    price: f.normalize(f.column('price', 'number')),
  },
})
const source = { path: 'examples/eshop-clothing/e-shop_clothing_2008.csv.gz' }
const split = { kind: 'random', validation: 0.1, test: 0.1, seed: 1 }
const { fitted, train: training, validation, test, known } = await fitSplit(clicks, source, split)

// Beside the next item its category, its price, and whether it is in the sale.
const several = model(fitted.schema, {
  masking: masking.causal(),
  block: blocks.sasrec({ width: 32, layers: 1, heads: 2 }),
  heads: [
    heads.nextItem(),
    heads.multiClass({ target: 'category', classes: fitted.vocabulary('category').values.length }),
    heads.regression({ target: 'price' }),
    // Whether the next click is on something in the sale, the shop's category 4.
    heads.binary({ target: 'category', positive: fitted.vocabulary('category').encode('4'), name: 'sale' }),
  ],
  maxLength: 20,
})
const runtime = nodeRuntime()
const trained = await train(several, training, {
  runtime,
  validation,
  epochs: 2,
  metric: 'category/accuracy',
})

// The last event of each session of the test, ranked among all items, beside popularity and a Markov chain of all events before it.
const scorer = await modelScorer(several, runtime, trained.weights)
const sasrec = await evaluateRanking(scorer, test, { ks: [10] })
await scorer.close()
const { popularity, markov } = await floors(known, test, { items: scorer.items, ks: [10] })
for (const [name, result] of Object.entries({ sasrec, markov, popularity }))
  console.log(name, result['ndcg@10'], '±', result.standardErrors['ndcg@10'])

// What the other heads predict of it, beside the constant that predicts best.
const results = await evaluateHeads(trained, test, { runtime, baseline: training })
for (const [name, { metrics, constant, beatsConstant }] of Object.entries(results))
  console.log(name, { metrics, constant, beatsConstant })

await saveArtifact('artifacts/heads', { ...trained, workflow: fitted }, { createdAt: new Date() })
const recommender = await loadRecommender('artifacts/heads')
const { items, predictions } = await recommender.recommend([
  { 'page.2..clothing.model.': 'A13', 'page.1..main.category.': '1', price: 28 },
])
console.log(items[0].item, predictions)
await recommender.close()
