import type { Served } from '../artifact/index.ts'
import { PADDING } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Program, TensorData } from '../graph/index.ts'
import { rankRow } from './rank-row.ts'
import { groupRows, type ScoredRow, type SessionRow } from './session-row.ts'
import { type Ranked, topK } from '../metrics/top-k.ts'

/** So many classes of a head are given at most, the likeliest. */
export const MOST_CLASSES = 100

type Outputs = Readonly<Record<string, TensorData>>

/** Scores rows with the recommendation graph and keeps the best columns of each, and what else it predicts, in the order of the rows. */
export async function scoreRows(
  program: Program,
  rows: readonly SessionRow[],
  { served, added }: { readonly served: Served; readonly added: Float32Array },
): Promise<readonly ScoredRow[]> {
  const { heads } = served
  const count = served.content === undefined ? 0 : added.length / served.content.width
  const items = served.items + count
  const scored = new Array<ScoredRow>(rows.length)
  const excluded = new Uint8Array(items)
  const columns = heads.reduce((sum, { classes = 1 }) => sum + classes, items)
  const groups = groupRows(
    rows.map(({ inputs }) => inputs['items']!.length),
    columns,
  )
  for (const { rows: members, time } of groups) {
    const inputs = padded(
      program,
      members.map((member) => rows[member]!),
      time,
    )
    const outputs = await program.run({ ...inputs, ...addedInput(served, added) })
    const scoresAt = scoresOfRows(outputs, served, { rows: members.length, added: count })
    const sessionAt = sessionsOf(outputs, members.length)
    const predictionsAt = headPredictions(outputs, served, members.length)
    for (const [place, member] of members.entries()) {
      const ranked = rankRow(scoresAt(place), rows[member]!, excluded)
      scored[member] = { ...ranked, predictions: predictionsAt(place), ...sessionAt(place) }
    }
  }
  return scored
}

/** The scores of a row, those of added items behind the catalogue's, by its place in the run. */
function scoresOfRows(
  outputs: Outputs,
  { items }: Served,
  { rows, added }: { readonly rows: number; readonly added: number },
): (place: number) => Float32Array {
  if (items === 0) return () => new Float32Array(0)
  const values = valuesOf(outputs, 'scores', [rows, items])
  const known = (place: number): Float32Array => values.subarray(place * items, (place + 1) * items)
  if (added === 0) return known
  const others = valuesOf(outputs, 'scores.added', [rows, added])
  const both = new Float32Array(items + added)
  return (place) => {
    both.set(known(place))
    both.set(others.subarray(place * added, (place + 1) * added), items)
    return both
  }
}

/** The embeddings of added items; a row of zeros where there are none, since a graph takes no fewer. */
function addedInput({ content }: Served, added: Float32Array): Outputs {
  if (content === undefined) return {}
  const data = added.length === 0 ? new Float32Array(content.width) : added
  return { added: { dtype: 'float32', dims: [data.length / content.width, content.width], data } }
}

/** The vector of a session, by its place in the run. */
function sessionsOf(outputs: Outputs, rows: number): (place: number) => Pick<ScoredRow, 'session'> {
  const found = outputs['session']
  if (found === undefined) return () => ({})
  const size = found.dims[1]!
  const values = valuesOf(outputs, 'session', [rows, size])
  return (place) => ({ session: values.slice(place * size, (place + 1) * size) })
}

/** What each head predicts of a row, by its place in the run. */
function headPredictions(
  outputs: Outputs,
  { heads }: Served,
  rows: number,
): (place: number) => ScoredRow['predictions'] {
  const all = heads.map(({ name, classes }) => {
    const dims = classes === undefined ? [rows] : [rows, classes]
    return { name, classes, values: valuesOf(outputs, outputOf(name), dims) }
  })
  return (place) =>
    Object.fromEntries(
      all.map(({ name, classes, values }): [string, number | Ranked] => {
        if (classes === undefined) return [name, finite(name, values[place]!)]
        const own = values.subarray(place * classes, (place + 1) * classes)
        return [name, topK(own, { k: MOST_CLASSES })]
      }),
    )
}

const outputOf = (head: string): string => `head.${head}`

/** The inputs of the graph, each [rows, time], padded at the end. */
function padded(program: Program, rows: readonly SessionRow[], time: number): Outputs {
  const dims = [rows.length, time]
  const fill = <Column extends Int32Array | Float32Array>(name: string, data: Column): Column => {
    for (const [at, { inputs }] of rows.entries()) data.set(inputs[name]!, at * time)
    return data
  }
  const feed = (name: string): TensorData =>
    rows[0]!.inputs[name] instanceof Float32Array
      ? { dtype: 'float32', dims, data: fill(name, new Float32Array(rows.length * time)) }
      : { dtype: 'int32', dims, data: fill(name, new Int32Array(rows.length * time).fill(PADDING)) }
  return Object.fromEntries(
    program.inputs.filter((name) => name !== 'added').map((name) => [name, feed(name)]),
  )
}

function finite(head: string, value: number): number {
  if (Number.isFinite(value)) return value
  throw new EnsuiteError(
    'RUNTIME_FAILED',
    `Head '${head}' predicted ${value}. The weights or the device are faulty: try device 'cpu', or train again.`,
  )
}

function valuesOf(outputs: Outputs, name: string, dims: readonly number[]): Float32Array {
  const found = outputs[name]
  if (found?.data instanceof Float32Array && found.dims.join() === dims.join()) return found.data
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `recommend.onnx should give '${name}' of [${dims.join(', ')}], and gave ${found === undefined ? 'none' : `${found.dtype} of [${found.dims.join(', ')}]`}. Restore the artifact from where it was saved.`,
  )
}

/** Throws `ARTIFACT_INVALID` unless the graph takes these inputs and gives these outputs. */
export function checkProgram(
  program: Program,
  { inputs, optionalInputs, optionalOutputs, items, heads, content }: Served,
): void {
  const outputs = [
    ...(items > 0 ? ['scores'] : []),
    ...(content === undefined ? [] : ['scores.added']),
    ...heads.map(({ name }) => outputOf(name)),
  ]
  const given = program.outputs.filter((name) => !optionalOutputs.includes(name))
  const required = program.inputs.filter((name) => !optionalInputs.includes(name))
  if (same(required, inputs) && same(given, outputs)) return
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `recommend.onnx should take ${inputs.join(', ')} and give ${outputs.join(', ')}; it takes ${program.inputs.join(', ')} and gives ${program.outputs.join(', ')}. Restore the artifact from where it was saved.`,
  )
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join() === other.toSorted().join()
