import { batchFeeds, planEvaluation, type Batch, type Sessions } from '../../src/data/index.ts'
import { elapsedSeconds } from '../../src/data/elapsed.ts'
import type { FeatureSchema } from '../../src/inputs/index.ts'
import { graph, type Program, type TensorData } from '../../src/graph/index.ts'
import { nodeRuntime } from '../../src/graph/node.ts'
import type { Model } from '../../src/model.ts'
import { initialise } from '../../src/nn/index.ts'
import { createRandom } from '../../src/random.ts'

export const ITEMS = 23
export const MAX_LENGTH = 9
export const SCORES = ITEMS - 2
export const runtime = nodeRuntime({ threads: 1 })

export type Feeds = Readonly<Record<string, TensorData>>

/** Large random weights, so that every part of the model matters. */
export function weightsOf(made: Model): Feeds {
  return Object.fromEntries(
    made.parameters.map((parameter, at) => {
      const values = new Float32Array(parameter.shape.reduce((all, dim) => all * dim, 1))
      const table = parameter.initializer.kind === 'normal' && parameter.initializer.zeroPadding === true
      initialise(
        values,
        parameter.shape,
        { kind: 'normal', deviation: 0.5, zeroPadding: table },
        createRandom(7, at),
      )
      // What is known of items is no random number.
      if (parameter.name.startsWith('content.') && parameter.name in made.pretrained)
        values.set(made.pretrained[parameter.name]!)
      return [parameter.name, { dtype: 'float32', dims: parameter.shape, data: values }]
    }),
  )
}

export function randomSessions(
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
    times: Float64Array.from(
      lengths.flatMap((length) => {
        let time = random.below(1_000_000) * 1000
        return Array.from({ length }, () => (time += 1000 * Math.floor(Math.exp(10 * random.uniform()))))
      }),
    ),
    ids: lengths.map((_, at) => String(at)),
  }
}

export const evaluationProgram = (made: Model): Promise<Program> =>
  runtime.compile(graph({ scores: made.evaluation()['next-item']! }))

export async function scoresOf(program: Program, weights: Feeds, batch: Batch): Promise<Float32Array> {
  const { scores } = await program.run({ ...weights, ...batchFeeds(batch, { withLabels: false }) })
  return scores!.data as Float32Array
}

/** Scores of each session's last event, by session. */
export async function evaluationScores(
  made: Model,
  sessions: Sessions,
  batchSize: number,
): Promise<ReadonlyMap<number, Float32Array>> {
  const program = await evaluationProgram(made)
  const plan = planEvaluation(sessions, { maxLength: MAX_LENGTH, batchSize, ...made.batchRules })
  const found = new Map<number, Float32Array>()
  for (let at = 0; at < plan.count; at++) {
    const batch = plan.batch(at)
    const scores = await scoresOf(program, weightsOf(made), batch)
    for (const [row, session] of batch.sessionIndices.entries())
      found.set(session, scores.slice(row * SCORES, (row + 1) * SCORES))
  }
  await program.close()
  return found
}

/** Scores of what comes after each session without its last event, from the graph that is served: one padded row a session. */
export async function recommendationScores(
  made: Model,
  sessions: Sessions,
  padTo: number,
  together: boolean,
): Promise<readonly Float32Array[]> {
  const program = await runtime.compile(graph({ scores: made.recommendation()['next-item']! }))
  const rows = Array.from({ length: sessions.count }, (_, session) => {
    const [start, end] = [sessions.offsets[session]!, sessions.offsets[session + 1]! - 1]
    const from = Math.max(start, end - MAX_LENGTH)
    return (column: Int32Array | Float32Array): readonly number[] =>
      [...column.subarray(from, end), ...new Array<number>(padTo).fill(0)].slice(0, padTo)
  })
  const run = async (chosen: readonly (typeof rows)[number][]): Promise<Float32Array> => {
    const dims = [chosen.length, padTo]
    const codes = (column: Int32Array): TensorData => ({
      dtype: 'int32',
      dims,
      data: Int32Array.from(chosen.flatMap((row) => row(column))),
    })
    const numbers = (column: Float32Array): TensorData => ({
      dtype: 'float32',
      dims,
      data: Float32Array.from(chosen.flatMap((row) => row(column))),
    })
    const side = Object.fromEntries([
      ...Object.entries(sessions.categorical).map(([name, column]) => [`categorical.${name}`, codes(column)]),
      ...Object.entries(sessions.continuous).map(([name, column]) => [`continuous.${name}`, numbers(column)]),
    ]) as Feeds
    // Counted from the first of all events: only differences matter.
    const elapsed = made.batchRules.times ? { elapsed: codes(elapsedSeconds(sessions.times!)) } : {}
    const { scores } = await program.run({
      ...weightsOf(made),
      items: codes(sessions.items),
      ...side,
      ...elapsed,
    })
    return scores!.data as Float32Array
  }
  const all = together
    ? await run(rows)
    : Float32Array.from((await Promise.all(rows.map((row) => run([row])))).flatMap((scores) => [...scores]))
  await program.close()
  return rows.map((_, at) => all.slice(at * SCORES, (at + 1) * SCORES))
}
