import { createCatalogue, createExplainer, loadRecommender, nodeRuntime, readArtifact } from 'ensuite'

// What `ensuite demo` or `ensuite train` has written, and the column that holds the item.
const [folder = 'artifacts/demo'] = process.argv.slice(2)
const recommender = await loadRecommender(folder)
const viewed = (...items) => items.map((item) => ({ [recommender.itemColumn]: item }))

// What the shop says of its items. It may change at any time, and counts from the next request on.
const catalogue = createCatalogue({ attributes: { category: 'text', price: 'number', labels: 'texts' } })
const category = { A: 'trousers', B: 'skirts', C: 'blouses', P: 'sale' }
catalogue.upsert(
  ['A', 'B', 'C', 'P'].flatMap((letter) =>
    Array.from({ length: 40 }, (_, at) => ({
      item: `${letter}${at + 1}`,
      attributes: { category: category[letter], price: 20 + at, labels: at % 9 === 0 ? ['organic'] : [] },
    })),
  ),
)
catalogue.upsert([{ item: 'N1', attributes: { category: 'skirts', price: 30 }, added: Date.now() }])
catalogue.change([{ item: 'A15', available: false }])

// What is wanted of an answer: data, as JSON holds it.
const rules = {
  filter: { not: { attribute: 'price', above: 55 } },
  hide: ['A1'],
  boosts: [{ when: { attribute: 'labels', is: 'organic' }, multiply: 2, until: '2099-01-01' }],
  pin: [{ item: 'C5', place: 3 }],
  caps: [{ attribute: 'category', most: 3 }],
  quotas: [{ when: { attribute: 'category', is: 'sale' }, least: 2 }],
  exploration: { share: 0.1, seed: 4 },
}
const session = viewed('A13', 'A16', 'A10')
const { items, attribution, trace } = await recommender.recommend(session, {
  k: 8,
  catalogue,
  rules,
  attribution: 'example-1',
  dryRun: true,
})
console.log(attribution)
for (const { item, source } of items)
  console.log(item.padEnd(4), source.padEnd(8), catalogue.get(item).attributes.category)
for (const { rule, removed, added } of trace)
  console.log(`${rule}: ${removed.length} out, ${added.length} in`)

// Which events of the session carried a score.
const explainer = createExplainer(await readArtifact(folder), { runtime: nodeRuntime() })
const { events } = await explainer.explain(session, { item: items[0].item })
for (const { event, share } of events) console.log(session[event][recommender.itemColumn], share.toFixed(2))
await Promise.all([recommender.close(), explainer.close()])
