import {
  add,
  gather,
  gelu,
  gradients,
  graph,
  input,
  layerNorm,
  matmul,
  mean,
  mul,
  reshape,
  softmax,
  sum,
  transpose,
  type Graph,
  type Runtime,
  type Shape,
  type Tensor,
  type TensorData,
} from '../../src/web.ts'

const width = 4
const sizes: Readonly<Record<string, readonly number[]>> = {
  embedding: [7, width],
  projection: [width, width],
  scale: [width],
  bias: [width],
}

/** One step of a small network with attention: every kind of kernel that a model trains with. */
export function smallTrainingStep(): Graph {
  const parameters = Object.entries(sizes).map(([name, dims]) => input(name, 'float32', dims, 'parameter'))
  const [embedding, projection, scale, bias] = parameters as [Tensor, Tensor, Tensor, Tensor]
  const shape: Shape = ['batch', 'time', width]
  const x = layerNorm(gather(embedding, input('ids', 'int32', ['batch', 'time'])), scale, bias)
  const attended = matmul(softmax(mul(matmul(x, transpose(x)), 0.5)), x)
  const hidden = gelu(matmul(add(x, attended), projection))
  const scores = matmul(reshape(hidden, [-1, width]), transpose(embedding))
  const wished = matmul(input('target', 'float32', shape), transpose(embedding))
  const rows = sum(mul(softmax(scores), reshape(wished, [-1, 7])), { axes: [-1] })
  const loss = mean(rows)
  const slopes = gradients(loss, parameters)
  return graph({
    loss,
    ...Object.fromEntries(Object.keys(sizes).map((name, at) => [`d_${name}`, slopes[at]!])),
  })
}

const wave = (dims: readonly number[], seed: number): TensorData => {
  const length = dims.reduce((all, dim) => all * dim, 1)
  return { dtype: 'float32', dims, data: Float32Array.from({ length }, (_, at) => Math.sin(at * 1.7 + seed)) }
}

const feeds: Readonly<Record<string, TensorData>> = {
  ...Object.fromEntries(Object.entries(sizes).map(([name, dims], at) => [name, wave(dims, at)])),
  ids: { dtype: 'int32', dims: [2, 3], data: Int32Array.of(0, 3, 3, 6, 1, 3) },
  target: wave([2, 3, width], 9),
}

/** Runs it and gives every output as plain numbers, which survive the way out of a page. */
export async function runSmallTrainingStep(
  runtime: Runtime,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const program = await runtime.compile(smallTrainingStep())
  const results = await program.run(feeds)
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from<number | bigint>(data).map(Number)]),
  )
}
