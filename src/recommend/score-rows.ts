import { PADDING } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Program, TensorData } from '../graph/index.ts'
import { groupRows, type SessionRow } from './session-row.ts'
import { type Ranked, topK } from './top-k.ts'

export interface ScoreOptions {
  /** Size of the catalogue: columns of the scores. */
  readonly items: number
}

/** Scores rows with the recommendation graph and keeps the best columns of each, in the order of the rows. */
export async function scoreRows(
  program: Program,
  rows: readonly SessionRow[],
  { items }: ScoreOptions,
): Promise<readonly Ranked[]> {
  const ranked = new Array<Ranked>(rows.length)
  const excluded = new Uint8Array(items)
  const groups = groupRows(
    rows.map(({ inputs }) => inputs['items']!.length),
    items,
  )
  for (const { rows: members, time } of groups) {
    const { scores } = await program.run(
      padded(
        program,
        members.map((member) => rows[member]!),
        time,
      ),
    )
    const values = scoresOf(scores, members.length, items)
    for (const [place, member] of members.entries()) {
      const row = rows[member]!
      mark(excluded, row.excluded, 1)
      ranked[member] = topK(values.subarray(place * items, (place + 1) * items), { k: row.k, excluded })
      // Unmarking costs the session, clearing would cost the catalogue.
      mark(excluded, row.excluded, 0)
    }
  }
  return ranked
}

/** The inputs of the graph, each [rows, time], padded at the end. */
function padded(
  program: Program,
  rows: readonly SessionRow[],
  time: number,
): Readonly<Record<string, TensorData>> {
  const dims = [rows.length, time]
  const fill = <Column extends Int32Array | Float32Array>(name: string, data: Column): Column => {
    for (const [at, { inputs }] of rows.entries()) data.set(inputs[name]!, at * time)
    return data
  }
  const feed = (name: string): TensorData =>
    rows[0]!.inputs[name] instanceof Float32Array
      ? { dtype: 'float32', dims, data: fill(name, new Float32Array(rows.length * time)) }
      : { dtype: 'int32', dims, data: fill(name, new Int32Array(rows.length * time).fill(PADDING)) }
  return Object.fromEntries(program.inputs.map((name) => [name, feed(name)]))
}

function mark(excluded: Uint8Array, columns: Int32Array, value: 0 | 1): void {
  for (const column of columns) excluded[column] = value
}

function scoresOf(scores: TensorData | undefined, rows: number, items: number): Float32Array {
  if (scores?.data instanceof Float32Array && scores.data.length === rows * items) return scores.data
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `recommend.onnx should give 'scores' of [${rows}, ${items}], and gave ${scores === undefined ? 'none' : `[${scores.dims.join(', ')}]`}. Restore the artifact from where it was saved.`,
  )
}

/** Throws `ARTIFACT_INVALID` unless the graph takes these inputs and gives scores. */
export function checkProgram({ inputs, outputs }: Program, expected: readonly string[]): void {
  if (inputs.toSorted().join() === expected.toSorted().join() && outputs.includes('scores')) return
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `recommend.onnx should take ${expected.join(', ')} and give scores; it takes ${inputs.join(', ')} and gives ${outputs.join(', ')}. Restore the artifact from where it was saved.`,
  )
}
