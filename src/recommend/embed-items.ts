import type { Served } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Program, TensorData } from '../graph/index.ts'

/** Larger numbers may make scores that are none. */
const LARGEST = 1e9

/** The vectors of new items by what is known of them, a column an input of the graph → [items · width]. */
export async function embedItems(
  program: Program | undefined,
  columns: Readonly<Record<string, TensorData>>,
  { content }: Served,
): Promise<Float32Array> {
  const { vectors } = (await program?.run(columns)) ?? {}
  const items = Object.values(columns)[0]?.dims[0] ?? 0
  if (
    vectors?.data instanceof Float32Array &&
    vectors.dims.join() === [items, content?.width].join() &&
    vectors.data.every((value) => Math.abs(value) <= LARGEST)
  )
    return vectors.data
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `new-items.onnx should give 'vectors' of [${items}, ${content?.width ?? 0}], none beyond ${LARGEST}, and did not. Give items numbers and vectors such as those of training, or restore the artifact from where it was saved.`,
  )
}
