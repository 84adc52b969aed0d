import { baselines, evaluateRanking, splitSessions, workflow } from 'ensuite'

const prepare = workflow({ session: 'session.ID', item: 'page.2..clothing.model.', time: 'order' })
const { fitted, sessions } = await prepare.fitTransform({
  path: 'examples/eshop-clothing/e-shop_clothing_2008.csv.gz',
})
const { known, test } = splitSessions(sessions, { kind: 'random', validation: 0.1, test: 0.1, seed: 1 })
const items = fitted.schema.items - 2 // but for the two reserved codes

// The time of this log is the place in the session: no age can be told.
const chosen = [
  baselines.popularity(),
  baselines.markov(),
  baselines.itemKnn(),
  baselines.vsknn({ sampleSize: 5000, idfWeight: 1 }),
  baselines.vstan({ decayDays: false }),
  baselines.ease(),
]
for (const { kind, fit } of chosen) {
  const result = await evaluateRanking(fit(known, { items }), test)
  console.log(kind, result['recall@20'].toFixed(4), result['mrr@20'].toFixed(4))
}
