import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { blockOfKind, type BlockKind } from '../blocks/index.ts'
import { optionsFor } from '../blocks/variants.test-support.ts'
import { RESERVED } from '../codes.ts'
import { knownEvents } from '../data/known-events.ts'
import { modelScorer } from '../evaluate/model-scorer.ts'
import { rankSessions } from '../evaluate/rank-sessions.ts'
import { expressions as f } from '../expressions/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { workflow } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'

const workerUrl = fromSource('worker.ts')

/** Clicks with repeats, rare items that become unknown, and sessions that are longer than the model reads. */
async function clicks(folder: string): Promise<string> {
  const random = createRandom(3)
  const path = join(folder, 'clicks.jsonl')
  const rows = Array.from({ length: 60 }, (_, session) =>
    Array.from({ length: 2 + random.below(9) }, (_, at) =>
      JSON.stringify({
        session: `s${session}`,
        item: random.below(6) === 0 ? `rare${session}-${at}` : `i${random.below(9)}`,
        price: random.below(100),
        // Seconds, minutes or days after the event before.
        time: 1.6e12 + 1e7 * session + 1000 * 4 ** (at + random.below(4)),
      }),
    ),
  )
  await writeFile(path, rows.flat().join('\n'))
  return path
}

test.each<[boolean, BlockKind]>([
  [true, 'sasrec'],
  [false, 'sasrec'],
  [false, 'hstu'],
  [true, 'tisasrec'],
])('the rank in evaluation is the place in recommending, filter: %s, %s', async (filter, block) => {
  const folder = await temporaryFolder()
  const source = { path: await clicks(folder) }
  const item = f.column('item', 'text')
  const fitted = await workflow({
    session: 'session',
    time: 'time',
    item: f.category('item', { minCount: 2 }),
    steps: [{ keep: f.not(f.repeatsLast(item)) }],
    features: { price: f.normalize(f.column('price', 'number')) },
  }).fit(source)
  const made = model(fitted.schema, {
    masking: causal(),
    block: blockOfKind(block, optionsFor(block, { width: 8, layers: 1, heads: 2 })),
    heads: [nextItem()],
    maxLength: 4,
  })
  const random = createRandom(1)
  const weights = Object.fromEntries(
    made.parameters.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((all, dim) => all * dim, 1)).map(() => 0.4 * random.normal()),
    ]),
  )
  await saveArtifact(
    join(folder, 'shop'),
    { model: made, weights, workflow: fitted },
    { createdAt: new Date(0) },
  )
  const recommender = await loadWith(join(folder, 'shop'), { threads: 1 }, { workerUrl })
  const scorer = await modelScorer(made, nodeRuntime({ threads: 1 }), weights)
  onTestFinished(async () => {
    await recommender.close()
    await scorer.close()
  })

  const items = made.schema.items - RESERVED
  const sessions = await fitted.transform(source)
  const { sessionIndices, ranks, seenTargets } = await rankSessions(
    scorer,
    knownEvents(sessions, { keepTargets: true }),
    { items, maxLength: made.maxLength, batchSize: 16, filterSeen: filter },
  )
  expect(sessionIndices.length).toBeGreaterThan(40)
  if (filter) expect(seenTargets).toBeGreaterThan(5)
  else expect(seenTargets).toBe(0)

  const table = await fitted.table(source)
  const raw = (await readLines(source.path)) as readonly { readonly item: string }[]
  for (const [at, session] of sessionIndices.entries()) {
    const rows = [...table.rows.slice(table.offsets[session], table.offsets[session + 1])]
    const prefix = rows.slice(0, -1).map((row) => raw[row]!)
    const answer = await recommender.recommend(prefix, { k: items, excludeSeen: filter })
    const place = answer.items.findIndex((each) => each.item === raw[rows.at(-1)!]!.item)
    expect(place === -1 ? items + 1 : place + 1, sessions.ids[session]).toBe(ranks[at])
  }
})

async function readLines(path: string): Promise<readonly unknown[]> {
  return (await readFile(path, 'utf8')).split('\n').map((line) => JSON.parse(line) as unknown)
}
