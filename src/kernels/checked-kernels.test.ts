import { describe, expect, it } from 'vitest'
import {
  adagrad,
  adamW,
  createKernels,
  createPlainKernels,
  type Kernels,
  type UpdateSettings,
} from './index.ts'
import { EnsuiteError } from '../errors.ts'

const settings: UpdateSettings = { learningRate: 0.01, weightDecay: 0, step: 1, gradientScale: 1 }
const rule = adamW({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 })
const rowWise = adagrad({ learningRateDecay: 0, epsilon: 1e-10, rowWise: true })

const implementations: [string, (bytes: number) => Kernels | Promise<Kernels>][] = [
  ['WebAssembly', (bytes) => createKernels({ bytes })],
  ['plain', (bytes) => createPlainKernels({ bytes })],
]

function thrown(work: () => unknown): EnsuiteError {
  try {
    work()
  } catch (error) {
    if (error instanceof EnsuiteError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe.each(implementations)('allocation, %s', (_, create) => {
  it('gives zeros on one memory, aligned, apart from each other, until the bytes are used up', async () => {
    const kernels = await create(256)
    expect(kernels.available).toBe(256)
    const [first, second] = [kernels.float32(17), kernels.int32(1)]
    expect(kernels.available).toBe(64)
    expect(first.buffer).toBe(second.buffer)
    expect([first.byteOffset % 64, second.byteOffset - first.byteOffset]).toEqual([0, 128])
    expect([...first]).toEqual(new Array(17).fill(0))
    second.fill(-1)
    expect(kernels.float32(16).every((element) => element === 0)).toBe(true)
    expect(kernels.available).toBe(0)
    expect(kernels.float32(0)).toHaveLength(0)
  })

  it('says how much was asked for and how much is free', async () => {
    const kernels = await create(256)
    kernels.float32(16)
    const error = thrown(() => kernels.int32(49))
    expect(error.code).toBe('MEMORY_FULL')
    expect(error.message).toBe('int32(49) needs 256 bytes, 192 are free. Create the kernels with more bytes.')
    expect(kernels.available).toBe(192)
  })

  it.each([-1, 1.5, Number.NaN])('refuses a length of %f', async (length) => {
    const kernels = await create(256)
    expect(() => kernels.float32(length)).toThrow('float32(length): length must be a whole number at least 0')
  })
})

describe.each(implementations)('checks of arguments, %s', (_, create) => {
  const wrong: [string, (kernels: Kernels) => unknown][] = [
    [
      'adamW: gradients must be a view on the memory of these kernels, received another array.',
      (kernels) => {
        const view = kernels.float32(4)
        const update = { parameters: view, states: [view, view], gradients: new Float32Array(4) }
        kernels.update(rule, update, settings)
      },
    ],
    [
      'adamW: second must have 4 elements, received 3.',
      (kernels) => {
        const view = kernels.float32(4)
        const update = { parameters: view, gradients: view, states: [view, view.subarray(1)] }
        kernels.update(rule, update, settings)
      },
    ],
    [
      'adamW has the states first, second, received 1.',
      (kernels) => {
        const view = kernels.float32(4)
        kernels.update(rule, { parameters: view, gradients: view, states: [view] }, settings)
      },
    ],
    [
      'rowWiseAdagrad: sum must have 2 elements, received 4.',
      (kernels) => {
        const view = kernels.float32(4)
        kernels.update(rowWise, { parameters: view, gradients: view, states: [view], width: 2 }, settings)
      },
    ],
    [
      'adamWRows: gradients must have 4 elements, received 6.',
      (kernels) => {
        const view = kernels.float32(6)
        const tables = { parameters: view, gradients: view, states: [view, view] }
        kernels.updateRows(rule, { ...tables, rows: kernels.int32(2), width: 2 }, settings)
      },
    ],
    [
      'adamWRows: rows must be from 0 to 2, the rows of the table, received 3 at position 1.',
      (kernels) => {
        const view = kernels.float32(6)
        const rows = kernels.int32(3)
        rows[1] = 3
        const tables = { parameters: view, gradients: view, states: [view, view] }
        kernels.updateRows(rule, { ...tables, rows, width: 2 }, settings)
      },
    ],
    [
      'blend: source must have 4 elements, received 3.',
      (kernels) => {
        kernels.blend(kernels.float32(4), kernels.float32(3), 0.5)
      },
    ],
    [
      'scatterAddRows: table must have whole rows of width 4, received 6 elements.',
      (kernels) => {
        kernels.scatterAddRows(kernels.float32(6), kernels.int32(1), kernels.float32(4), 4)
      },
    ],
    [
      'scatterAddRows: ids must be from 0 to 2, the rows of the table, received -1 at position 0.',
      (kernels) => {
        const ids = kernels.int32(1).fill(-1)
        kernels.scatterAddRows(kernels.float32(6), ids, kernels.float32(2), 2)
      },
    ],
    [
      'scatterAddRows: values must have 4 elements, received 2.',
      (kernels) => {
        kernels.scatterAddRows(kernels.float32(6), kernels.int32(2), kernels.float32(2), 2)
      },
    ],
    [
      'combineRows: slots must be a view on the memory of these kernels, received another array.',
      (kernels) => {
        const rows = { ids: kernels.int32(1), values: kernels.float32(1), width: 1 }
        kernels.combineRows(rows, { rows: rows.ids, values: rows.values, slots: new Int32Array(3) })
      },
    ],
    [
      'combineRows: ids must be from 0 to 2, the rows of the table, received 3 at position 0.',
      (kernels) => {
        const rows = { ids: kernels.int32(1).fill(3), values: kernels.float32(1), width: 1 }
        kernels.combineRows(rows, { rows: rows.ids, values: rows.values, slots: kernels.int32(3) })
      },
    ],
    ['sumOfSquares: values must be a view', (kernels) => kernels.sumOfSquares(new Float32Array(4))],
    [
      'fill: values must be a view',
      (kernels) => {
        kernels.fill(new Float32Array(4), 0)
      },
    ],
    [
      'dropoutMask: state must have 16 elements, received 4.',
      (kernels) => {
        kernels.dropoutMask(kernels.float32(4), 0.5, new Uint32Array(4))
      },
    ],
  ]

  it.each(wrong)('%s', async (message, work) => {
    const kernels = await create(4096)
    const error = thrown(() => work(kernels))
    expect(error.code).toBe('SHAPE_MISMATCH')
    expect(error.message).toContain(message)
  })

  it('refuses a view of other kernels', async () => {
    const [one, other] = [await create(256), await create(256)]
    expect(() => one.sumOfSquares(other.float32(4))).toThrow('must be a view on the memory of these kernels')
  })

  it('writes nothing when an id is wrong', async () => {
    const kernels = await create(4096)
    const table = kernels.float32(4)
    const ids = kernels.int32(2)
    ids.set([0, 4])
    expect(() => {
      kernels.scatterAddRows(table, ids, kernels.float32(2).fill(1), 1)
    }).toThrow('received 4 at position 1')
    expect([...table]).toEqual([0, 0, 0, 0])
  })

  it('refuses a width and a scale that are no numbers', async () => {
    const kernels = await create(4096)
    const [values, ids] = [kernels.float32(4), kernels.int32(4)]
    expect(() => {
      kernels.scatterAddRows(values, ids, values, 0)
    }).toThrow('width must be a whole number at least 1')
    expect(() => {
      kernels.scatterAddRows(values, ids, values, 1, Number.NaN)
    }).toThrow('scale must be a number, received NaN')
  })
})
