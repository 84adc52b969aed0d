import { describe, expect, test } from 'vitest'
import { graph, input, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { masked } from '../masking/index.ts'
import { initialise, normal, rootScope } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import { longformer, type LongformerOptions } from './index.ts'

const WIDTH = 8
const shape = { width: WIDTH, layers: 1, heads: 2 }
/** Two sessions in a row, and padding. */
const segments = [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 0]
const places = [...segments.keys()]
const TIME = segments.length
/** A row an event, in which that event is another; then one as it is. */
const ROWS = TIME + 1

const random = (size: number, stream: number): Float32Array => {
  const values = new Float32Array(size)
  initialise(values, [size], normal(0.5), createRandom(3, stream))
  return values
}

const float = (dims: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', dims, data })
const inEachRow = (row: readonly number[]): TensorData => ({
  dtype: 'int32',
  dims: [ROWS, TIME],
  data: Int32Array.from({ length: ROWS * TIME }, (_, at) => row[at % TIME]!),
})

/** Which events change the state of each: [looking][looked at]. */
async function seen(options: LongformerOptions): Promise<readonly (readonly number[])[]> {
  const scope = rootScope('evaluate')
  const grid = (name: string) => input(name, 'int32', ['batch', 'time'])
  const sessions = grid('segments')
  const hidden = longformer(options).build(scope, input('x', 'float32', ['batch', 'time', WIDTH]), {
    masking: 'masked',
    attentionBias: masked().attention({ segments: sessions }).bias,
    segments: sessions,
    positions: grid('positions'),
    maxLength: TIME,
  })
  const program = await nodeRuntime({ threads: 1 }).compile(graph({ hidden }))
  const [common, other] = [random(TIME * WIDTH, 1), random(TIME * WIDTH, 2)]
  const x = Float32Array.from({ length: ROWS * TIME * WIDTH }, (_, at) => {
    const [inRow, row] = [at % (TIME * WIDTH), Math.floor(at / (TIME * WIDTH))]
    return (Math.floor(inRow / WIDTH) === row ? other : common)[inRow]!
  })
  const weights = scope.parameters.map(({ name, shape: dims }, at) => {
    const size = dims.reduce((all, dim) => all * dim, 1)
    return [name, float(dims, random(size, 10 + at))] as const
  })
  const results = await program.run({
    x: float([ROWS, TIME, WIDTH], x),
    segments: inEachRow(segments),
    positions: inEachRow(places.map((at) => at - segments.indexOf(segments[at]!))),
    ...Object.fromEntries(weights),
  })
  await program.close()
  const states = results['hidden']!.data as Float32Array
  const state = (row: number, place: number): Float32Array =>
    states.subarray((row * TIME + place) * WIDTH, (row * TIME + place + 1) * WIDTH)
  return places.map((looking) =>
    places.filter((lookedAt) =>
      state(lookedAt, looking).some((value, at) => Math.abs(value - state(TIME, looking)[at]!) > 1e-6),
    ),
  )
}

const globals: Readonly<Record<NonNullable<LongformerOptions['global']>, readonly number[]>> = {
  none: [],
  first: [0, 7],
  last: [6, 11],
}

describe.each(Object.entries(globals))('global: %s', (global, whole) => {
  test.each([2, 4, 32])(
    'an event sees a window of %i, and the global event, of its own session',
    async (window) => {
      const received = await seen({ ...shape, window, global: global as keyof typeof globals })
      for (const looking of places.filter((at) => segments[at] !== 0))
        expect([looking, received[looking]]).toEqual([
          looking,
          places.filter((at) => {
            const near = Math.abs(at - looking) <= window / 2 || whole.includes(at) || whole.includes(looking)
            return segments[at] === segments[looking] && near
          }),
        ])
    },
  )
})

test.each<[string, Partial<LongformerOptions>, RegExp]>([
  ['an odd window', { window: 5 }, /longformer: window must be even, received 5/],
  ['no window', { window: 0 }, /longformer: window must be a whole number at least 1/],
  ['another event', { global: 'middle' as 'last' }, /longformer: global must be one of none, first, last/],
])('%s is refused', (_, options, message) => {
  const make = () => longformer({ ...shape, ...options })
  expect(make).toThrow(message)
  expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})
