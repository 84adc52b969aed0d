import {
  blocks,
  features,
  heads,
  loadRecommender,
  masking,
  model,
  saveArtifact,
  splitSessions,
  train,
  workflow,
} from 'ensuite'

// A log of clicks: one row an event, with a column for the session and one for the item.
const clicks = { path: 'examples/eshop-clothing/e-shop_clothing_2008.csv.gz' }
const prepare = workflow({
  session: 'session.ID',
  item: 'page.2..clothing.model.',
  time: 'order',
  features: { colour: features.category('colour') },
})
const { fitted, sessions } = await prepare.fitTransform(clicks)
const { train: training, validation } = splitSessions(sessions, {
  kind: 'random',
  validation: 0.1,
  test: 0.1,
  seed: 1,
})

// What the model sees, how it processes it, what it predicts.
const nextItem = model(fitted.schema, {
  masking: masking.causal(),
  block: blocks.sasrec({ width: 32, layers: 1, heads: 2 }),
  heads: [heads.nextItem({ labelSmoothing: 0.1 })],
  maxLength: 20,
})
const trained = await train(nextItem, training, { validation, epochs: 2, filterSeen: false })
await saveArtifact('artifacts/quickstart', { ...trained, workflow: fitted }, { createdAt: new Date() })

// Raw ids in, raw ids out.
const recommender = await loadRecommender('artifacts/quickstart')
const session = [
  { 'page.2..clothing.model.': 'A13', colour: 1 },
  { 'page.2..clothing.model.': 'A16', colour: 1 },
]
const { items } = await recommender.recommend(session, { k: 5 })
for (const { item, score } of items) console.log(item, score.toFixed(2))
await recommender.close()
