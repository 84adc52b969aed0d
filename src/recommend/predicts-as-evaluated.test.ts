import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { blockOfKind } from '../blocks/index.ts'
import { headPredictor } from '../evaluate/index.ts'
import { expressions as f } from '../expressions/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { binary, multiClass, nextItem, regression } from '../heads/index.ts'
import { maskingOfKind } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { workflow, type Event } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'
import type { Predictions } from './predictions.ts'

const workerUrl = fromSource('worker.ts')
const COLOURS = ['red', 'green', 'blue', 'mauve']

/** Clicks with rare items that become unknown, colours that are missing, and sessions that are longer than the model reads. */
function clicks(): readonly (Event & { readonly session: string })[] {
  const random = createRandom(3)
  return Array.from({ length: 40 }, (_, session) =>
    Array.from({ length: 2 + random.below(9) }, (_event, at) => ({
      session: `s${session}`,
      item: random.below(6) === 0 ? `rare${session}-${at}` : `i${random.below(9)}`,
      ...(random.below(5) > 0 && { colour: COLOURS[random.below(4)]! }),
      size: `${random.below(3)}`,
      price: random.below(100),
      bought: random.below(2),
    })),
  ).flat()
}

const summaries = ['none', 'last', 'first', 'mean', 'max', 'attention'] as const

/** Each kind of head on each summary. */
const heads = (classes: number) =>
  summaries.flatMap((summary) => [
    binary({ target: 'bought', summary, name: `bought-${summary}` }),
    multiClass({ target: 'colour', classes, summary, name: `colour-${summary}` }),
    regression({ target: 'price', summary, name: `price-${summary}`, loss: 'huber' }),
  ])

test.each([
  ['causal', 'sasrec'],
  ['masked', 'bert'],
] as const)(
  '%s, %s: what a head predicts of the last event is what the recommender predicts after the others',
  async (masking, block) => {
    const folder = await temporaryFolder()
    const source = { path: join(folder, 'clicks.jsonl') }
    const raw = clicks()
    await writeFile(source.path, raw.map((click) => JSON.stringify(click)).join('\n'))
    const fitted = await workflow({
      session: 'session',
      item: f.category('item', { minCount: 2 }),
      features: {
        colour: f.category('colour'),
        size: f.category('size'),
        price: f.normalize(f.column('price', 'number')),
        bought: f.column('bought', 'number'),
      },
    }).fit(source)
    const made = model(fitted.schema, {
      // What is hidden is left out of the inputs; a causal model reads it of the events before.
      inputs: masking === 'causal' ? {} : { leaveOut: ['colour', 'price', 'bought'] },
      masking: maskingOfKind(masking),
      block: blockOfKind(block, { width: 8, layers: 1, heads: 2 }),
      heads: [nextItem(), ...heads(fitted.vocabulary('colour').values.length)],
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
    const predictor = await headPredictor(made, nodeRuntime({ threads: 1 }), weights)
    onTestFinished(async () => {
      await recommender.close()
      await predictor.close()
    })
    expect(recommender.heads).toEqual(made.heads.slice(1).map(({ name }) => name))

    const sessions = await fitted.transform(source)
    const values = fitted.vocabulary('colour').values
    const evaluated = new Map<string, Predictions>()
    await predictor.predict(
      sessions,
      ({ sessionIndices }, predictions) => {
        for (const [row, session] of sessionIndices.entries())
          evaluated.set(
            sessions.ids[session]!,
            Object.fromEntries(
              Object.entries(predictions).map(([name, all]) => [
                name,
                name.startsWith('colour')
                  ? Object.fromEntries(values.map((value, at) => [value, all[row * values.length + at]!]))
                  : all[row]!,
              ]),
            ),
          )
      },
      { batchSize: 16 },
    )
    expect(evaluated.size).toBeGreaterThan(30)

    const told = new Set<string>()
    for (const [id, expected] of evaluated) {
      const events = raw.filter(({ session }) => session === id)
      const { predictions } = await recommender.recommend(events.slice(0, -1))
      expect(Object.keys(predictions!)).toEqual(Object.keys(expected))
      for (const [name, value] of Object.entries(expected)) {
        const given = predictions![name]!
        if (typeof value === 'number') expect(given, `${id}, ${name}`).toBeCloseTo(value, 4)
        else
          for (const [colour, probability] of Object.entries(value))
            expect((given as typeof value)[colour], `${id}, ${name}, ${colour}`).toBeCloseTo(probability, 4)
        told.add(`${name} ${JSON.stringify(given)}`)
      }
    }
    // The predictions tell sessions and heads apart, so that the comparison means something.
    expect(told.size).toBeGreaterThan(0.8 * evaluated.size * 18)
  },
)
