import { decodeModel } from './onnx-schema.ts'

/** Values that are part of an ONNX file. */
export interface FileWeights {
  readonly dims: readonly number[]
  /** [product of dims]. */
  readonly values: Float32Array
}

const FLOAT32 = 1

/** The numbers (float32) that are part of an ONNX file, by name: the parameters of its graph keep theirs. Only those that `names` has. */
export function readWeights(
  onnx: Uint8Array,
  names: readonly string[],
): Readonly<Record<string, FileWeights>> {
  const wanted = new Set(names)
  const found = (decodeModel(onnx).graph.initializer ?? []).filter(
    ({ name, dataType }) => name !== undefined && wanted.has(name) && dataType === FLOAT32,
  )
  return Object.fromEntries(
    found.map(({ name, dims, rawData }): [string, FileWeights] => [
      name!,
      // A copy: where the bytes of a file start is no multiple of four.
      { dims: dims.map(Number), values: new Float32Array(rawData.slice().buffer) },
    ]),
  )
}
