import { describe, expect, it } from 'vitest'
import { blockKinds, blockOfKind, type Block } from '../src/blocks/index.ts'
import { planEvaluation, planTraining, batchFeeds, type Batch, type Sessions } from '../src/data/index.ts'
import type { FeatureSchema } from '../src/features/index.ts'
import { bind, graph, type Program, type TensorData } from '../src/graph/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem, type Head } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model, type Model } from '../src/model.ts'
import { initialise } from '../src/nn/index.ts'
import { createRandom } from '../src/random.ts'

/** The invariants that every part keeps, over all blocks (and, with more of them, all maskings), with and without side features. */

const ITEMS = 23
const MAX_LENGTH = 9
const runtime = nodeRuntime({ threads: 1 })

const shape = { width: 16, layers: 2, heads: 2, dropout: 0.3 }
/** Every kind that goes with the masking: a new block is tested without a line here. */
const blocks: Readonly<Record<string, Block<'causal'>>> = Object.fromEntries(
  blockKinds
    .map((kind) => [kind, blockOfKind(kind, shape)] as const)
    .filter(([, built]) => built.supports.includes('causal')),
)
const features: Readonly<Record<string, Omit<FeatureSchema, 'items'>>> = {
  'items only': { categorical: {}, continuous: [] },
  'with side features': { categorical: { colour: 7, page: 5 }, continuous: ['price', 'gap'] },
}

const heads: Readonly<Record<string, Head>> = {
  tied: nextItem(),
  untied: nextItem({ tieWeights: false, temperature: 0.7 }),
}

const cases = Object.entries(blocks).flatMap(([block, built]) =>
  Object.entries(features).flatMap(([kind, sides]) =>
    Object.entries(heads).map(([head, own]) => ({
      name: `${block}, ${kind}, ${head}`,
      made: model(
        { items: ITEMS, ...sides },
        { masking: causal(), block: built, head: own, maxLength: MAX_LENGTH },
      ),
    })),
  ),
)

/** Large random weights, so that every part of the model matters. */
function weightsOf(made: Model): Readonly<Record<string, TensorData>> {
  return Object.fromEntries(
    made.parameters.map((parameter, at) => {
      const values = new Float32Array(parameter.shape.reduce((all, dim) => all * dim, 1))
      const table = parameter.initializer.kind === 'normal' && parameter.initializer.zeroPadding === true
      initialise(
        values,
        parameter.shape,
        table ? { kind: 'normal', deviation: 0.5, zeroPadding: true } : { kind: 'normal', deviation: 0.5 },
        createRandom(7, at),
      )
      return [parameter.name, { dtype: 'float32', dims: parameter.shape, data: values }]
    }),
  )
}

function randomSessions(
  lengths: readonly number[],
  { categorical, continuous }: Omit<FeatureSchema, 'items'>,
  seed = 3,
): Sessions {
  const random = createRandom(seed)
  const offsets = Int32Array.from([
    0,
    ...lengths.map((_, at) => lengths.slice(0, at + 1).reduce((all, length) => all + length, 0)),
  ])
  const codes = (size: number): Int32Array =>
    Int32Array.from({ length: offsets.at(-1)! }, () => 2 + random.below(size - 2))
  return {
    count: lengths.length,
    offsets,
    items: codes(ITEMS),
    categorical: Object.fromEntries(Object.entries(categorical).map(([name, size]) => [name, codes(size)])),
    continuous: Object.fromEntries(
      continuous.map((name) => [name, Float32Array.from({ length: offsets.at(-1)! }, () => random.normal())]),
    ),
    ids: lengths.map((_, at) => String(at)),
  }
}

const evaluationProgram = (made: Model): Promise<Program> =>
  runtime.compile(graph({ scores: made.evaluation() }))

async function scoresOf(
  program: Program,
  weights: Readonly<Record<string, TensorData>>,
  batch: Batch,
): Promise<Float32Array> {
  const { scores } = await program.run({ ...weights, ...batchFeeds(batch, { withLabels: false }) })
  return scores!.data as Float32Array
}

/** Scores of each session's last event, by session. */
async function evaluationScores(
  made: Model,
  sessions: Sessions,
  batchSize: number,
): Promise<ReadonlyMap<number, Float32Array>> {
  const program = await evaluationProgram(made)
  const plan = planEvaluation(sessions, { maxLength: MAX_LENGTH, batchSize })
  const found = new Map<number, Float32Array>()
  for (let at = 0; at < plan.count; at++) {
    const batch = plan.batch(at)
    const scores = await scoresOf(program, weightsOf(made), batch)
    const width = scores.length / batch.sessionIndices.length
    for (const [row, session] of batch.sessionIndices.entries())
      found.set(session, scores.slice(row * width, (row + 1) * width))
  }
  await program.close()
  return found
}

/** Scores from the graph that is served: one padded row a session. */
async function recommendationScores(
  made: Model,
  sessions: Sessions,
  padTo: number,
  together: boolean,
): Promise<readonly Float32Array[]> {
  const program = await runtime.compile(graph({ scores: made.recommendation() }))
  const rows = Array.from({ length: sessions.count }, (_, session) => {
    const [start, end] = [sessions.offsets[session]!, sessions.offsets[session + 1]! - 1]
    const from = Math.max(start, end - MAX_LENGTH)
    return (column: Int32Array | Float32Array): readonly number[] =>
      [...column.subarray(from, end), ...new Array<number>(padTo).fill(0)].slice(0, padTo)
  })
  const run = async (chosen: readonly (typeof rows)[number][]): Promise<Float32Array> => {
    const codes = (column: Int32Array): TensorData => ({
      dtype: 'int32',
      dims: [chosen.length, padTo],
      data: Int32Array.from(chosen.flatMap((row) => row(column))),
    })
    const numbers = (column: Float32Array): TensorData => ({
      dtype: 'float32',
      dims: [chosen.length, padTo],
      data: Float32Array.from(chosen.flatMap((row) => row(column))),
    })
    const side = Object.fromEntries([
      ...Object.entries(sessions.categorical).map(([name, column]) => [`categorical.${name}`, codes(column)]),
      ...Object.entries(sessions.continuous).map(([name, column]) => [`continuous.${name}`, numbers(column)]),
    ]) as Readonly<Record<string, TensorData>>
    const { scores } = await program.run({ ...weightsOf(made), items: codes(sessions.items), ...side })
    return scores!.data as Float32Array
  }
  const width = ITEMS - 2
  const all = together
    ? await run(rows)
    : Float32Array.from((await Promise.all(rows.map((row) => run([row])))).flatMap((scores) => [...scores]))
  await program.close()
  return rows.map((_, at) => all.slice(at * width, (at + 1) * width))
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  const worst = actual.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0)
  expect(worst).toBeLessThan(tolerance)
}

describe.each(cases)('$name', ({ made }) => {
  const { items: _items, ...sides } = made.schema
  const sessions = randomSessions([2, 5, 9, 10, 14, 3, 3, 7], sides)

  it('evaluating on the last item equals recommending from the prefix', async () => {
    const evaluated = await evaluationScores(made, sessions, 4)
    const recommended = await recommendationScores(made, sessions, MAX_LENGTH, true)
    for (const [session, scores] of recommended.entries()) expectClose(scores, evaluated.get(session)!, 1e-4)
    // The scores tell sessions apart, so that the comparison means something.
    const apart = recommended[0]!.map((score, item) => Math.abs(score - recommended[1]![item]!))
    expect(Math.max(...apart)).toBeGreaterThan(1e-2)
  })

  it('padding and company change nothing', async () => {
    const alone = await recommendationScores(made, randomSessions([4], sides), 3, false)
    for (const padTo of [4, 6, MAX_LENGTH])
      expectClose(
        (await recommendationScores(made, randomSessions([4], sides), padTo, false))[0]!,
        alone[0]!,
        1e-4,
      )
    const together = await evaluationScores(made, sessions, 8)
    const apart = await evaluationScores(made, sessions, 1)
    for (const [session, scores] of together) expectClose(scores, apart.get(session)!, 1e-4)
  })

  it('changing the future leaves the past unchanged', async () => {
    const program = await evaluationProgram(made)
    const weights = weightsOf(made)
    const batch = planEvaluation(randomSessions([MAX_LENGTH + 1], sides), {
      maxLength: MAX_LENGTH,
      batchSize: 1,
    }).batch(0)
    const everywhere = {
      ...batch,
      labelPositions: Int32Array.from({ length: MAX_LENGTH }, (_, at) => at),
      labelItems: new Int32Array(MAX_LENGTH),
    }
    const before = await scoresOf(program, weights, everywhere)
    const items = batch.items.slice()
    items[5] = items[5] === 4 ? 5 : 4
    const after = await scoresOf(program, weights, { ...everywhere, items })
    const width = ITEMS - 2
    expectClose(after.subarray(0, 5 * width), before.subarray(0, 5 * width), 1e-12)
    const changed = after
      .subarray(5 * width)
      .reduce((most, value, at) => Math.max(most, Math.abs(value - before[5 * width + at]!)), 0)
    expect(changed).toBeGreaterThan(1e-2)
    await program.close()
  })

  it('training and evaluation agree when dropout is off', async () => {
    const weights = weightsOf(made)
    const batch = planTraining(sessions, { maxLength: MAX_LENGTH, batchSize: 8, seed: 1, epoch: 1 }).batch(0)
    const { loss, masks } = made.training()
    const program = await runtime.compile(graph({ loss }))
    const sizes: Readonly<Record<string, number>> = { batch: batch.rows, time: batch.time }
    const open = masks.map(({ name, shape: dims }): [string, TensorData] => {
      const fixed = dims.map((dim) => bind(dim, sizes) as number)
      return [
        name,
        {
          dtype: 'float32',
          dims: fixed,
          data: new Float32Array(fixed.reduce((all, dim) => all * dim, 1)).fill(1),
        },
      ]
    })
    expect(open.length).toBeGreaterThan(0)
    const results = await program.run({ ...weights, ...batchFeeds(batch), ...Object.fromEntries(open) })
    await program.close()

    const evaluation = await evaluationProgram(made)
    const scores = await scoresOf(evaluation, weights, batch)
    await evaluation.close()
    const width = ITEMS - 2
    const losses = Array.from(batch.labelItems, (item, label) => {
      const row = [...scores.subarray(label * width, (label + 1) * width)]
      const most = Math.max(...row)
      return most + Math.log(row.reduce((all, score) => all + Math.exp(score - most), 0)) - row[item - 2]!
    })
    const mean = losses.reduce((all, each) => all + each, 0) / losses.length
    expect(Math.abs((results['loss']!.data[0] as number) - mean)).toBeLessThan(1e-4)
  })

  it('never scores padding or unknown, and padding stays zero', () => {
    const table = made.parameters.find(({ name }) => name === 'item.weight')!
    const values = new Float32Array(ITEMS * 16).fill(1)
    initialise(values, table.shape, table.initializer, createRandom(1))
    expect(values.subarray(0, 16).every((value) => value === 0)).toBe(true)
    expect(values.subarray(16).every((value) => value !== 0)).toBe(true)
    expect(made.evaluation().shape).toEqual(['labels', ITEMS - 2])
    expect(made.recommendation().shape).toEqual(['batch', ITEMS - 2])
  })
})
