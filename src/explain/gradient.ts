import type { LoadedModel } from '../artifact/index.ts'
import {
  add,
  gather,
  gradients,
  graph,
  input,
  mul,
  reshape,
  slice,
  sub,
  sum,
  type Program,
  type Runtime,
  type Tensor,
  type TensorData,
} from '../graph/index.ts'
import type { ReadSession } from './read-session.ts'

/**
 * The recommendation graph of a model on the way from one row's interaction embeddings to another's: row 0 is the start, row 1 the end, and all rows lie between them, by `part` [batch]. Out: the score of
 * `column` of each row, and `effects` [batch, time], its gradient with respect to the embeddings times the whole way, summed over the width.
 */
export async function compileGradient({ model, weights }: LoadedModel, runtime: Runtime): Promise<Program> {
  const part = reshape(input('part', 'float32', ['batch']), ['batch', 1, 1])
  let [way, between]: [Tensor?, Tensor?] = []
  const predictions = model.recommendation((x) => {
    const row = (start: number): Tensor => slice(x, { axis: 0, start, length: 1 })
    way = sub(row(1), row(0))
    return (between = add(row(0), mul(way, part)))
  })
  const scores = gather(predictions[model.itemHead!.name]!, input('column', 'int32', [1]), { axis: 1 })
  const [slope] = gradients(sum(scores), [between!])
  return runtime.compile(
    graph({ score: reshape(scores, [-1]), effects: sum(mul(slope!, way!), { axes: [-1] }) }),
    { weights },
  )
}

/**
 * The scores without each event, estimated. Without event e a session is its events before e where they stand, and those after it a place earlier: place by place the session without its last event (`start`), or without
 * its first (`end`). From start to end each place makes its step; what a step does to the score is the integrated gradient of that place, the mean over `steps` points of the way. So the score
 * without e is that of the start and what the places from e on do. It is exact for the last event, and for the first but for the steps.
 */
export async function removalsByGradient(
  program: Program,
  given: {
    /** The session without its last and its first event, by the places of events among all that were given. */
    readonly start: ReadSession
    readonly end: ReadSession
    readonly events: Iterable<number>
    /** Whether the model reads an event before another. */
    readonly before: (event: number, other: number) => boolean
    readonly column: number
    readonly steps: number
  },
): Promise<ReadonlyMap<number, number>> {
  const { start, end, events, before, column, steps } = given
  const time = Math.min(start.events.length, end.events.length)
  const parts = [0, 1, ...Array.from({ length: steps }, (_, step) => (step + 0.5) / steps)]
  const rows = parts.length
  const feeds: Record<string, TensorData> = {
    part: { dtype: 'float32', dims: [rows], data: Float32Array.from(parts) },
    column: { dtype: 'int32', dims: [1], data: Int32Array.of(column) },
  }
  for (const [name, values] of Object.entries(start.inputs))
    feeds[name] = tiled(values.slice(-time), end.inputs[name]!.slice(-time), rows)
  const outputs = await program.run(
    Object.fromEntries(program.inputs.map((name) => [name, feeds[name]!] as const)),
  )
  // A masking that predicts events themselves appends a place, which is no event.
  const [{ data: scores }, { data: effects, dims }] = [outputs['score']!, outputs['effects']!]
  const does = Float64Array.from({ length: time }, (_, place) => {
    let total = 0
    for (let row = 2; row < rows; row++) total += effects[row * dims[1]! + place] as number
    return total / steps
  })
  const stands = start.events.slice(-time)
  return new Map(
    Array.from(events, (event) => [
      event,
      does.reduce(
        (sum, own, place) => (before(stands[place]!, event) ? sum : sum + own),
        scores[0] as number,
      ),
    ]),
  )
}

/** The start in all rows but the second, which is the end. */
function tiled<Values extends Int32Array | Float32Array>(
  start: Values,
  end: Values,
  rows: number,
): TensorData {
  const dims = [rows, start.length]
  const fill = <Data extends Int32Array | Float32Array>(data: Data): Data => {
    for (let row = 0; row < rows; row++) data.set(row === 1 ? end : start, row * start.length)
    return data
  }
  return start instanceof Int32Array
    ? { dtype: 'int32', dims, data: fill(new Int32Array(rows * start.length)) }
    : { dtype: 'float32', dims, data: fill(new Float32Array(rows * start.length)) }
}
