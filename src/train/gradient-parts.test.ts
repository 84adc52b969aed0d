import { describe, expect, test } from 'vitest'
import {
  add,
  cast,
  full,
  gather,
  graph,
  input,
  mul,
  pad,
  scatterAdd,
  transpose,
  type Tensor,
  type TensorData,
} from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { checkRowsUpdate, gradientParts } from './gradient-parts.ts'

const [ROWS, WIDTH] = [6, 2]
const runtime = nodeRuntime({ threads: 1 })

const whole = input('whole', 'float32', [ROWS, WIDTH])
const lower = input('lower', 'float32', [ROWS - 2, WIDTH])
const upper = input('upper', 'float32', [3, WIDTH])
const line = input('line', 'float32', [1, WIDTH])
const ids = input('ids', 'int32', [4])
const rows = input('rows', 'float32', [4, WIDTH])
const scattered = (size = ROWS): Tensor => scatterAdd(full([size, WIDTH], 0), ids, rows)
const below = (x: Tensor): Tensor => pad(x, { axis: 0, before: 2, after: 0 })

const feeds: Readonly<Record<string, TensorData>> = {
  whole: {
    dtype: 'float32',
    dims: [ROWS, WIDTH],
    data: Float32Array.from({ length: 12 }, (_, at) => at + 1),
  },
  lower: {
    dtype: 'float32',
    dims: [4, WIDTH],
    data: Float32Array.from({ length: 8 }, (_, at) => 100 * (at + 1)),
  },
  upper: {
    dtype: 'float32',
    dims: [3, WIDTH],
    data: Float32Array.from({ length: 6 }, (_, at) => 1000 * (at + 1)),
  },
  line: { dtype: 'float32', dims: [1, WIDTH], data: Float32Array.of(0.25, 0.5) },
  ids: { dtype: 'int32', dims: [4], data: Int32Array.of(3, 0, 3, 1) },
  rows: {
    dtype: 'float32',
    dims: [4, WIDTH],
    data: Float32Array.from({ length: 8 }, (_, at) => 10_000 * (at + 1)),
  },
}

/** Gradient, where its dense part begins (undefined where there is none), and the offsets of its rows. */
const cases: readonly (readonly [string, Tensor, number | undefined, readonly number[]])[] = [
  ['a dense gradient', whole, 0, []],
  ['a lookup', scattered(), undefined, [0]],
  ['a tied table: a product padded to the table, and a lookup', add(below(lower), scattered()), 2, [0]],
  ['lookups in part of a table', below(scattered(4)), undefined, [2]],
  ['a sum of sums', add(add(scattered(), whole), add(below(scattered(4)), whole)), 0, [0, 2]],
  [
    'padding of padding',
    pad(pad(upper, { axis: 0, before: 1, after: 1 }), { axis: 0, before: 1, after: 0 }),
    2,
    [],
  ],
  ['a row that is added to all', add(scattered(), line), 0, []],
  ['dense parts of different extent', add(add(whole, below(lower)), scattered()), 0, []],
  [
    'padding of columns',
    add(pad(gather(transpose(line), cast(ids, 'int64')), { axis: 1, before: 0, after: 1 }), rows),
    0,
    [],
  ],
  ['a lookup that is scaled as a whole', mul(scattered(), 2), 0, []],
]

describe('the parts add up to the gradient', () => {
  test.each(cases.filter(([what]) => what !== 'padding of columns'))(
    '%s',
    async (_, gradient, offset, offsets) => {
      const parts = gradientParts(gradient)
      expect(parts.dense?.offset).toBe(offset)
      expect(parts.rows.map((each) => each.offset)).toEqual(offsets)

      const outputs = {
        gradient,
        ...(parts.dense && { dense: parts.dense.tensor }),
        ...Object.fromEntries(
          parts.rows.flatMap((each, at) => [
            [`ids${at}`, each.ids] as const,
            [`rows${at}`, each.rows] as const,
          ]),
        ),
      }
      const program = await runtime.compile(graph(outputs))
      const results = await program.run(feeds)
      const total = new Float32Array(ROWS * WIDTH)
      for (const [at, value] of (results['dense']?.data ?? []).entries())
        total[parts.dense!.offset * WIDTH + at]! += Number(value)
      for (const [at, part] of parts.rows.entries()) {
        const values = results[`rows${at}`]!.data
        for (const [place, id] of results[`ids${at}`]!.data.entries())
          for (let column = 0; column < WIDTH; column++)
            total[(part.offset + Number(id)) * WIDTH + column]! += Number(values[place * WIDTH + column])
      }
      expect(total).toEqual(results['gradient']!.data)
      expect(total.some((value) => value !== 0)).toBe(true)
      await program.close()
    },
  )
})

test('padding of another axis is no offset of rows', () => {
  const [, gradient] = cases.find(([what]) => what === 'padding of columns')!
  const parts = gradientParts(gradient)
  expect(parts.dense?.offset).toBe(0)
  expect(parts.dense?.tensor.shape).toEqual([4, WIDTH])
})

test('a table that is updated by rows must not have a dense part', () => {
  expect(() => checkRowsUpdate('brand', gradientParts(scattered()))).not.toThrow()
  expect(() => checkRowsUpdate('brand', gradientParts(add(whole, scattered())))).toThrow(
    expect.objectContaining({
      code: 'GRAPH_INVALID',
      message: expect.stringContaining("'brand'") as string,
    }) as Error,
  )
})
