import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { sasrec } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { planEvaluation } from '../data/index.ts'
import { modelScorer } from '../evaluate/model-scorer.ts'
import { expressions as f } from '../expressions/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { workflow, type Event } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'

const workerUrl = fromSource('worker.ts')

const random = createRandom(5)
const clicks = Array.from({ length: 200 }, (_, at) => ({
  session: `s${random.below(30)}`,
  item: `i${random.below(8)}`,
  seconds: 1_600_000_000 + at + random.below(3) / 4,
}))

/** A recommender with a count of the last minute, and the scores of the same model on the file. */
async function served() {
  const folder = await temporaryFolder()
  const source = { path: join(folder, 'clicks.jsonl') }
  await writeFile(source.path, clicks.map((click) => JSON.stringify(click)).join('\n'))
  const item = f.column('item', 'text')
  const time = f.column('seconds', 'seconds')
  const fitted = await workflow({
    session: 'session',
    item: 'item',
    time,
    features: { recent: f.recentCount(time, { by: item, windowMs: 60_000 }) },
  }).fit(source)
  const made = model(fitted.schema, {
    masking: causal(),
    block: sasrec({ width: 8, layers: 1, heads: 2 }),
    heads: [nextItem()],
    maxLength: 5,
  })
  const weights = Object.fromEntries(
    made.parameters.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((all, dim) => all * dim, 1)).map(() => 0.4 * random.normal()),
    ]),
  )
  const artifact = join(folder, 'shop')
  await saveArtifact(artifact, { model: made, weights, workflow: fitted }, { createdAt: new Date(0) })
  const recommender = await loadWith(artifact, { threads: 1 }, { workerUrl })
  const scorer = await modelScorer(made, nodeRuntime({ threads: 1 }), weights)
  onTestFinished(async () => {
    await recommender.close()
    await scorer.close()
  })
  const sessions = await fitted.transform(source)
  const batch = planEvaluation(sessions, { maxLength: 5, batchSize: 64 }).batch(0)
  const scores = await scorer.score(batch, sessions)
  const items = made.schema.items - RESERVED
  const vocabulary = fitted.vocabulary('item')
  const expected = new Map(
    Array.from(batch.sessionIndices, (session, row) => [
      sessions.ids[session]!,
      new Map(
        Array.from({ length: items }, (_, column) => [
          vocabulary.decode(column + RESERVED),
          scores[row * items + column]!,
        ]),
      ),
    ]),
  )
  return { recommender, source, expected, items }
}

const prefixOf = (session: string): readonly Event[] =>
  clicks
    .filter((click) => click.session === session)
    .sort((left, right) => left.seconds - right.seconds)
    .slice(0, -1)

test('recommending with the past gives the scores of the file, told of it event by event or read from it', async () => {
  const { recommender, source, expected, items } = await served()
  expect(recommender.needsPast).toBe(true)
  const observed = recommender.createPast()
  for (const click of clicks) observed.observe(click)
  const options = { k: items, excludeSeen: false }
  let differs = 0
  for (const past of [observed, await recommender.readPast(source)])
    for (const [session, scores] of expected) {
      const answer = await recommender.recommend(prefixOf(session), { ...options, past })
      for (const { item, score } of answer.items) expect(score).toBeCloseTo(scores.get(item)!, 4)
      const empty = await recommender.recommend(prefixOf(session), {
        ...options,
        past: recommender.createPast(),
      })
      differs = Math.max(
        differs,
        ...empty.items.map(({ item, score }) => Math.abs(score - scores.get(item)!)),
      )
    }
  expect(expected.size).toBeGreaterThan(20)
  // The past matters, so that the comparison means something.
  expect(differs).toBeGreaterThan(0.1)
})

test('without the past that its features need it refuses, and says what to do', async () => {
  const { recommender } = await served()
  const events = prefixOf('s1')
  await expect(recommender.recommend(events)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(recommender.recommend(events)).rejects.toThrow(
    /recentCount looks at other sessions.*past\.observe/,
  )
  await expect(recommender.recommend(events, { past: {} as never })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})
