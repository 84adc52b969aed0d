import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { encodeArtifact } from '../src/artifact/encode-artifact.ts'
import { artifactFromFiles, servedBy } from '../src/artifact/index.ts'
import { sha256 } from '../src/artifact/sha256.ts'
import { sasrec } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { fitSplit } from '../src/data/index.ts'
import { createExplainer, type ExplainOptions } from '../src/explain/index.ts'
import { expressions as f } from '../src/expressions/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { createRandom } from '../src/random.ts'
import { createAddedItems } from '../src/recommend/added-items.ts'
import { createRecommender } from '../src/recommend/create-recommender.ts'
import { scoreRows } from '../src/recommend/score-rows.ts'
import type { SessionRow } from '../src/recommend/session-row.ts'
import { train } from '../src/train/index.ts'
import { workflow, type Event } from '../src/workflow/index.ts'
import { count, note } from './flags.ts'

/**
 * Whether explanations name the right event: of sessions that the model was not trained on, the item that is recommended first is explained, and the session is asked about again without each of its
 * events. The explanation is right where no other event's absence changes the score more than that of the event with the largest effect.
 */
const ITEM = 'page.2..clothing.model.'
const FEATURES = ['colour', 'location', 'page']
const METHODS: Readonly<Record<string, Omit<ExplainOptions, 'item'>>> = {
  'leave-one-out': { method: 'leave-one-out' },
  'gradient, 1 step': { method: 'gradient', steps: 1 },
  'gradient, 4 steps': { method: 'gradient', steps: 4 },
  'gradient, 16 steps (the default)': { method: 'gradient' },
}

const program = new Command('bench:explain')
  .description('the removal test of explanations, on real sessions of the clothing shop')
  .option('--from <file>', 'the clicks', 'examples/eshop-clothing/e-shop_clothing_2008.csv.gz')
  .option('--sessions <n>', 'how many are explained', count, 500)
  .option('--shortest <n>', 'events of a session at least', count, 3)
  .option('--epochs <n>', 'of training', count, 10)
  .option('--limit <percent>', 'what each method has to reach', count, 90)
const flags = program
  .parse()
  .opts<{ from: string; sessions: number; shortest: number; epochs: number; limit: number }>()

const source = { path: flags.from }
const columns = { session: 'session.ID', time: 'order' }
const runtime = nodeRuntime({ threads: availableParallelism() })
const { artifact, held } = await trained()
const sessions = (await realSessions(held)).slice(0, flags.sessions)
const served = servedBy(artifact.manifest)
const scoring = await runtime.open(artifact.recommendOnnx)
const recommender = createRecommender({
  workflow: artifact.workflow,
  maxLength: artifact.manifest.model.maxLength,
  served,
  added: createAddedItems(0),
  scorer: {
    score: async (row) =>
      (await scoreRows(scoring, [row as SessionRow], { served, added: new Float32Array(0) }))[0]!,
    embed: () => Promise.resolve(new Float32Array(0)),
    close: () => scoring.close(),
  },
})
const explainer = createExplainer(artifact, { runtime })
/** How far an item's score is changed by taking each event out: asked of the recommender, from raw events. */
const changes = async (events: readonly Event[], item: string, score: number): Promise<readonly number[]> => {
  const found: number[] = []
  for (const event of events.keys()) {
    const ask = { k: served.items, excludeSeen: false }
    const { items } = await recommender.recommend(events.toSpliced(event, 1), ask)
    found.push(Math.abs(items.find((each) => each.item === item)!.score - score))
  }
  return found
}
const [right, earlier, ms] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
let [last, chance] = [0, 0]
for (const [at, events] of sessions.entries()) {
  const [best] = (await recommender.recommend(events, { k: 1 })).items
  const changed = await changes(events, best!.item, best!.score)
  const isMost = (event: number): boolean => changed[event]! >= Math.max(...changed) - 1e-5
  for (const [name, options] of Object.entries(METHODS)) {
    const start = performance.now()
    const explained = await explainer.explain(events, { item: best!.item, ...options })
    ms.set(name, (ms.get(name) ?? 0) + performance.now() - start)
    const [named] = explained.events.toSorted((one, other) => Math.abs(other.effect) - Math.abs(one.effect))
    right.set(name, (right.get(name) ?? 0) + Number(isMost(named!.event)))
    if (!isMost(events.length - 1)) earlier.set(name, (earlier.get(name) ?? 0) + Number(isMost(named!.event)))
  }
  last += Number(isMost(events.length - 1))
  chance += events.filter((_, event) => isMost(event)).length / events.length
  if (at % 100 === 99) note(`${at + 1} sessions`)
}
const percent = (of: number): string => `${((100 * of) / sessions.length).toFixed(1)} %`
const rows = Object.keys(METHODS).map((name) => [
  name,
  percent(right.get(name)!),
  `${((100 * earlier.get(name)!) / (sessions.length - last)).toFixed(1)} %`,
  `${(ms.get(name)! / sessions.length).toFixed(1)} ms`,
])
console.log(
  table(
    ['names the event that matters most', 'of sessions', 'where it is not the last', 'each'],
    [
      ...rows,
      ['the last event, always', percent(last), '', ''],
      ['an event by chance', percent(chance), '', ''],
    ],
  ),
)
const lengths = sessions.map(({ length }) => length)
console.log(
  `${sessions.length} sessions of ${Math.min(...lengths)} to ${Math.max(...lengths)} events (mean ${(lengths.reduce((a, b) => a + b) / lengths.length).toFixed(1)}), none trained on. Leave-one-out is the test itself, done in one batch.`,
)
await Promise.all([recommender.close(), explainer.close()])
const low = ['leave-one-out', 'gradient, 16 steps (the default)'].filter(
  (name) => (100 * right.get(name)!) / sessions.length < flags.limit,
)
if (low.length > 0) note(`Below ${flags.limit} %: ${low.join(', ')}.`)
process.exitCode = low.length > 0 ? 1 : 0

/** The model of `ensuite demo`, trained for fewer epochs, and the sessions that it was not trained on. */
async function trained() {
  const features = Object.fromEntries(FEATURES.map((name) => [name, f.category(name)]))
  const own = workflow({ ...columns, item: ITEM, features })
  const { fitted, ...parts } = await fitSplit(own, source, {
    kind: 'random',
    validation: 0.1,
    test: 0.1,
    seed: 1,
  })
  const made = model(fitted.schema, {
    masking: causal(),
    block: sasrec({ width: 64, layers: 2, heads: 2, dropout: 0.2 }),
    heads: [nextItem()],
    maxLength: 30,
  })
  const result = await train(made, parts.train, {
    runtime,
    validation: parts.validation,
    filterSeen: false,
    epochs: flags.epochs,
    batchSize: 128,
    seed: 1,
    optimizer: { learningRate: 2e-3 },
    schedule: { decay: 'cosine', warmup: 100 },
    callbacks: [
      {
        onEpoch: ({ epoch, validation }) => {
          note(`epoch ${epoch} ndcg@10 ${validation!['ndcg@10']!.toFixed(4)}`)
        },
      },
    ],
  })
  const files = encodeArtifact(
    { ...result, workflow: fitted },
    { createdAt: new Date(0), packageVersion: '0.0.0', sha256 },
  )
  return { artifact: await artifactFromFiles(files), held: new Set(parts.test.ids) }
}

/** Sessions of these ids as raw events, in a seeded order. */
async function realSessions(ids: ReadonlySet<string>): Promise<readonly (readonly Event[])[]> {
  const names = [ITEM, ...FEATURES]
  const texts = workflow({
    ...columns,
    features: Object.fromEntries(names.map((name) => [name, f.column(name, 'text')])),
  })
  const shown = await (await texts.fit(source)).table(source)
  const order = Int32Array.from(shown.sessionIds.keys())
  createRandom(1).shuffle(order)
  return [...order].flatMap((at) => {
    const [start, end] = [shown.offsets[at]!, shown.offsets[at + 1]!]
    if (!ids.has(shown.sessionIds[at]!) || end - start < flags.shortest) return []
    const event = (_: unknown, place: number): Event =>
      Object.fromEntries(names.map((name) => [name, String(shown.features[name]![start + place])]))
    return [Array.from({ length: end - start }, event)]
  })
}
