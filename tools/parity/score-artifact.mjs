// What the recommender of an artifact says of sessions, with what its graph was fed for each:
//   node tools/parity/score-artifact.mjs ARTIFACT OUT.json [SESSIONS.json]
// SESSIONS.json: a list of sessions, each a list of events as the workflow reads them; without it sessions of known items are drawn. Needs `npm run build`.
import { readFileSync, writeFileSync } from 'node:fs'
import { loadRecommender, readArtifact } from '../../dist/index.js'
import { elapsedSeconds } from '../../dist/data/elapsed.js'
import { encodedInputs } from '../../dist/workflow/model-inputs.js'

const [folder, out, given] = process.argv.slice(2)
if (out === undefined) throw new Error('Give an artifact and a file to write.')
const { manifest, workflow } = await readArtifact(folder)
const { item } = workflow.definition
const vocabulary = workflow.vocabulary(item)
const recommender = await loadRecommender(folder)

/** Sessions of one item and more, up to the longest. */
const drawn = () =>
  Array.from({ length: 50 }, (_, session) =>
    Array.from({ length: 1 + (session % recommender.maxLength) }, (_, at) => ({
      [recommender.itemColumn]: vocabulary.values[(session * 7919 + at * 104_729) % vocabulary.values.length],
    })),
  )

const sessions = given === undefined ? drawn() : JSON.parse(readFileSync(given, 'utf8'))
/** JSON has no number that is none. */
const numbers = (values) => Array.from(values, (value) => (Number.isNaN(value) ? null : value))

/** The inputs of the graph for a session: items that are not known are skipped, and the latest events count. */
function inputsOf(events) {
  const { items, categorical, continuous, times } = encodedInputs(
    workflow.definition,
    workflow.encode(events),
  )
  const kept = [...items.keys()].filter((at) => items[at] !== 1).slice(-recommender.maxLength)
  const of = (values) => numbers(kept.map((at) => values[at]))
  const named = (prefix, columns) =>
    Object.entries(columns).map(([name, values]) => [`${prefix}.${name}`, of(values)])
  return Object.fromEntries([
    ['items', of(items)],
    ...named('categorical', categorical),
    ...named('continuous', continuous),
    ...(times === undefined ? [] : [['elapsed', [...elapsedSeconds(kept.map((at) => times[at]))]]]),
  ])
}

const scored = []
for (const events of sessions) {
  const options = recommender.items > 0 ? { k: recommender.items, excludeSeen: false } : {}
  const { items, predictions = {} } = await recommender.recommend(events, options)
  // By the column of the graph's output `scores`: the codes 0 and 1 have none.
  const scores = new Array(recommender.items)
  for (const each of items) scores[vocabulary.encode(each.item) - 2] = each.score
  const heads = Object.entries(predictions).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : classes(name, value),
  ])
  scored.push({ events, inputs: inputsOf(events), scores, heads: Object.fromEntries(heads) })
}

/** The probability of each class, in the order of the codes; null of one that is not among the hundred likeliest. */
function classes(name, byValue) {
  const { target } = manifest.model.heads
    .map(({ options }) => options)
    .find((options) => (options.name ?? options.target) === name)
  return workflow.vocabulary(target).values.map((value) => byValue[value] ?? null)
}

await recommender.close()
writeFileSync(
  out,
  JSON.stringify({ itemColumn: recommender.itemColumn, items: vocabulary.values, sessions: scored }),
)
