import { expect, test } from 'vitest'
import { planTraining, type Sessions } from '../data/index.ts'
import { sasrec } from '../blocks/index.ts'
import { graph, input, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem } from '../heads/index.ts'
import { causal, masked } from '../masking/index.ts'
import { model } from '../model.ts'
import { initialise, rootScope } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import { train } from '../train/index.ts'
import { fuseContext, withContext } from './context.ts'
import { interactions } from './interactions.ts'
import {
  pretrainedTable,
  resolveInputs,
  type EventInputs,
  type FeatureSchema,
  type InputOptions,
} from './index.ts'

const runtime = nodeRuntime({ threads: 1 })
const schema: FeatureSchema = {
  items: 6,
  categorical: { colour: 5, size: 5, tag_1: 4, tag_2: 4 },
  continuous: ['price', 'age'],
}
const WIDTH = 3
/** One row of two events. */
const dims = [1, 2]
const codes = (values: readonly number[]): TensorData => ({
  dtype: 'int32',
  dims,
  data: Int32Array.from(values),
})
const numbers = (values: readonly number[]): TensorData => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(values),
})
const given = {
  items: codes([2, 5]),
  colour: codes([3, 1]),
  size: codes([4, 2]),
  tag_1: codes([2, 0]),
  tag_2: codes([3, 1]),
  price: numbers([0.5, -2]),
  age: numbers([1, 4]),
}
const events: EventInputs = {
  items: input('items', 'int32', ['batch', 'time']),
  categorical: Object.fromEntries(
    Object.keys(schema.categorical).map((name) => [name, input(name, 'int32', ['batch', 'time'])]),
  ),
  continuous: Object.fromEntries(
    schema.continuous.map((name) => [name, input(name, 'float32', ['batch', 'time'])]),
  ),
}

/** The vectors of the two events, and the values of every parameter by name. */
async function computed(options: InputOptions) {
  const scope = rootScope('evaluate')
  const inputs = resolveInputs(schema, options)
  const { x } = interactions(scope, { schema, inputs, events, width: WIDTH, itemUpdate: 'dense' })
  const values = Object.fromEntries(
    scope.parameters.map(({ name, shape }, at) => {
      const data = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
      initialise(data, shape, { kind: 'normal', deviation: 1 }, createRandom(3, at))
      return [name, { dtype: 'float32' as const, dims: shape, data }]
    }),
  )
  const program = await runtime.compile(graph({ x }))
  const results = await program.run({ ...given, ...values })
  await program.close()
  const rowOf = (name: string, code: number): readonly number[] => {
    const { data, dims: shape } = values[name]!
    return [...data.subarray(code * shape[1]!, (code + 1) * shape[1]!)]
  }
  /** W·x + b, of an output-first weight. */
  const linear = (name: string, from: readonly number[]): readonly number[] => {
    const { data, dims: shape } = values[`${name}.weight`]!
    const bias = values[`${name}.bias`]!.data
    return Array.from({ length: shape[0]! }, (_, out) =>
      from.reduce((sum, value, at) => sum + value * data[out * from.length + at]!, bias[out]!),
    )
  }
  const weight = (name: string): number => values[name]!.data[0]!
  const vectors = results['x']!.data as Float32Array
  return {
    names: Object.keys(values).sort(),
    x: [[...vectors.subarray(0, WIDTH)], [...vectors.subarray(WIDTH)]],
    rowOf,
    linear,
    weight,
  }
}

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  for (const [at, value] of expected.entries()) expect(actual[at]).toBeCloseTo(value, 5)
}
const plus = (...all: readonly (readonly number[])[]): readonly number[] =>
  all[0]!.map((_, at) => all.reduce((sum, each) => sum + each[at]!, 0))

const only = (...kept: readonly string[]): InputOptions => ({
  leaveOut: [...Object.keys(schema.categorical), ...schema.continuous].filter((name) => !kept.includes(name)),
})

test('sum adds vectors of the model’s width, and one of all numbers', async () => {
  const { x, rowOf, linear } = await computed({ ...only('colour', 'price', 'age'), aggregation: 'sum' })
  close(
    x[0]!,
    plus(rowOf('item.weight', 2), rowOf('categorical.colour.weight', 3), linear('continuous', [0.5, 1])),
  )
  close(
    x[1]!,
    plus(rowOf('item.weight', 5), rowOf('categorical.colour.weight', 1), linear('continuous', [-2, 4])),
  )
})

test('item-product multiplies the item by 1 + the sum of the others', async () => {
  const { x, rowOf } = await computed({ ...only('colour', 'size'), aggregation: 'item-product' })
  const others = plus(rowOf('categorical.colour.weight', 3), rowOf('categorical.size.weight', 4))
  close(
    x[0]!,
    rowOf('item.weight', 2).map((value, at) => value * (1 + others[at]!)),
  )
})

test('stack weighs each feature', async () => {
  const { x, rowOf, weight } = await computed({ ...only('colour'), aggregation: 'stack' })
  const [item, colour] = [weight('stack.item.weight'), weight('stack.colour.weight')]
  const expected = plus(
    rowOf('item.weight', 2).map((value) => value * item),
    rowOf('categorical.colour.weight', 3).map((value) => value * colour),
  )
  close(x[0]!, expected)
})

test('concat puts all beside each other, in the order of the schema, under one linear layer', async () => {
  const { x, rowOf, linear } = await computed({ ...only('colour', 'price'), widths: { colour: 2 } })
  close(
    x[0]!,
    linear('projection', [...rowOf('item.weight', 2), ...rowOf('categorical.colour.weight', 3), 0.5]),
  )
})

test('shared features read one table', async () => {
  const { x, rowOf, names } = await computed({
    ...only('colour', 'size'),
    aggregation: 'sum',
    shared: [['colour', 'size']],
  })
  expect(names).toEqual(['categorical.colour.weight', 'item.weight'])
  close(
    x[0]!,
    plus(
      rowOf('item.weight', 2),
      rowOf('categorical.colour.weight', 3),
      rowOf('categorical.colour.weight', 4),
    ),
  )
})

test.each(['mean', 'sum', 'max'] as const)(
  'several values combine by %s; reserved codes are none',
  async (combiner) => {
    const lists = { tags: { of: ['tag_1', 'tag_2'], combiner } }
    const { x, rowOf } = await computed({ ...only('tag_1', 'tag_2'), aggregation: 'sum', lists })
    const [first, second] = [rowOf('categorical.tags.weight', 2), rowOf('categorical.tags.weight', 3)]
    const combined = first.map((value, at) => {
      const other = second[at]!
      return { mean: (value + other) / 2, sum: value + other, max: Math.max(value, other) }[combiner]
    })
    close(x[0]!, plus(rowOf('item.weight', 2), combined))
    // The second event has padding and unknown: nothing.
    close(x[1]!, rowOf('item.weight', 5))
  },
)

test('a soft embedding is a mixture of vectors by a softmax of the number', async () => {
  const { x, rowOf, linear } = await computed({
    ...only('price'),
    aggregation: 'sum',
    continuous: 'soft',
    soft: { vectors: 4 },
  })
  for (const [at, price] of [0.5, -2].entries()) {
    const logits = linear('continuous.price.projection', [price])
    const weights = logits.map((logit) => Math.exp(logit))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const mixture = Array.from({ length: WIDTH }, (_, column) =>
      weights.reduce(
        (sum, weight, row) => sum + (weight / total) * rowOf('continuous.price.table.weight', row)[column]!,
        0,
      ),
    )
    close(x[at]!, plus(rowOf('item.weight', at === 0 ? 2 : 5), mixture))
  }
})

test('each number has a layer of its own, or all have one', async () => {
  const each = await computed({ ...only('price', 'age'), aggregation: 'sum', continuous: 'each' })
  close(
    each.x[0]!,
    plus(
      each.rowOf('item.weight', 2),
      each.linear('continuous.price', [0.5]),
      each.linear('continuous.age', [1]),
    ),
  )
  const together = await computed({ ...only('price', 'age'), aggregation: 'sum', continuous: 'together' })
  close(together.x[0]!, plus(together.rowOf('item.weight', 2), together.linear('continuous', [0.5, 1])))
})

test('the merge is a ReLU layer', async () => {
  const { x, rowOf, linear } = await computed({ ...only('colour'), merge: [4] })
  const inner = linear('merge.0', [...rowOf('item.weight', 2), ...rowOf('categorical.colour.weight', 3)])
  close(
    x[0]!,
    linear(
      'projection',
      inner.map((value) => Math.max(0, value)),
    ),
  )
})

test('context is what the first event of the session says, at every place', async () => {
  const positions = input('positions', 'int32', ['batch', 'time'])
  const own = withContext(events, ['colour', 'price'], positions)
  const program = await runtime.compile(
    graph({ ownColour: own.categorical['colour']!, ownPrice: own.continuous['price']! }),
  )
  const one = await program.run({ ...given, positions: codes([0, 1]) })
  expect([[...one['ownColour']!.data], [...one['ownPrice']!.data]]).toEqual([
    [3, 3],
    [0.5, 0.5],
  ])
  // Two sessions in one row.
  const two = await program.run({ ...given, positions: codes([0, 0]) })
  expect([[...two['ownColour']!.data], [...two['ownPrice']!.data]]).toEqual([
    [3, 1],
    [0.5, -2],
  ])
  await program.close()
})

test.each(['multiply', 'add', 'concat'] as const)('context is fused after the block: %s', async (fusion) => {
  const scope = rootScope('evaluate')
  const inputs = resolveInputs(schema, { context: { columns: ['price'], fusion } })
  const hidden = input('hidden', 'float32', ['batch', 'time', WIDTH])
  const fused = fuseContext(scope, hidden, { schema, inputs, events, width: WIDTH })
  const program = await runtime.compile(graph({ fused }))
  const parameters = Object.fromEntries(
    scope.parameters.map(({ name, shape }) => [
      name,
      {
        dtype: 'float32' as const,
        dims: shape,
        data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
      },
    ]),
  )
  const states = [1, 2, 3, 4, 5, 6]
  const results = await program.run({
    ...given,
    ...parameters,
    hidden: { dtype: 'float32', dims: [1, 2, WIDTH], data: Float32Array.from(states) },
  })
  const layer = [1.5, -1]
  const expected = states.map((state, at) => {
    const context = layer[at < WIDTH ? 0 : 1]!
    const own = states.slice(at < WIDTH ? 0 : WIDTH, at < WIDTH ? WIDTH : undefined)
    return {
      multiply: state * (1 + context),
      add: state + context,
      concat: own.reduce((a, b) => a + b, 0) + context,
    }[fusion]
  })
  close([...(results['fused']!.data as Float32Array)], expected)
  await program.close()
})

const sessions: Sessions = {
  count: 40,
  offsets: Int32Array.from({ length: 41 }, (_, at) => at * 5),
  items: Int32Array.from({ length: 200 }, (_, at) => 2 + (at % 4)),
  categorical: {
    colour: Int32Array.from({ length: 200 }, (_, at) => 2 + (at % 4)),
    region: new Int32Array(200).fill(3),
  },
  continuous: { price: Float32Array.from({ length: 200 }, (_, at) => (at % 4) / 4) },
  ids: Array.from({ length: 40 }, (_, at) => String(at)),
}

test('swap noise exchanges whole events, about as often as said, and no label', () => {
  const options = { maxLength: 4, batchSize: 40, seed: 1, epoch: 1 }
  const clean = planTraining(sessions, options).batch(0)
  const noisy = planTraining(sessions, { ...options, swapNoise: 0.4 }).batch(0)
  expect(noisy.labelItems).toEqual(clean.labelItems)
  expect(noisy.labelPositions).toEqual(clean.labelPositions)
  let changed = 0
  for (const [place, item] of noisy.items.entries()) {
    // An event keeps its own features, wherever it comes from.
    expect(noisy.categorical['colour']![place]).toBe(item)
    expect(noisy.continuous['price']![place]).toBe(item === 0 ? 0 : (item - 2) / 4)
    if (item !== clean.items[place]) changed++
  }
  // Of four items, one in four exchanges brings the same.
  expect(changed / 160).toBeGreaterThan(0.4 * 0.75 - 0.12)
  expect(changed / 160).toBeLessThan(0.4 * 0.75 + 0.12)
})

test('context is not hidden with the event that it stands at', () => {
  const options = { maxLength: 4, batchSize: 40, seed: 1, epoch: 1, masking: masked({ probability: 0.5 }) }
  const { order, categorical } = planTraining(sessions, { ...options, context: ['region'] }).batch(0)
  const hidden = [...order!].flatMap((rank, place) => (rank === 0 ? [] : [place]))
  expect(hidden.some((place) => categorical['region']![place] === 3)).toBe(true)
  expect(hidden.every((place) => categorical['colour']![place] === 0)).toBe(true)
})

test('pretrained vectors are frozen unless they are to be trained, and at length 1', async () => {
  const small: FeatureSchema = { items: 6, categorical: { colour: 6, region: 4 }, continuous: ['price'] }
  const vectors = Float32Array.from({ length: 12 }, (_, at) => at - 3)
  for (const trainable of [false, true]) {
    const made = model(small, {
      inputs: { pretrained: { text: { width: 2, trainable } } },
      pretrained: { text: vectors },
      masking: causal(),
      block: sasrec({ width: 8, layers: 1, heads: 1 }),
      heads: [nextItem()],
      maxLength: 4,
    })
    const { weights } = await train(made, sessions, { runtime, epochs: 1 })
    const table = weights['pretrained.text.weight']!
    const same = vectors.every((value, at) => {
      const pair = [vectors[at - (at % 2)]!, vectors[at - (at % 2) + 1]!] as const
      return Math.abs(table[at]! - value / Math.hypot(...pair)) < 1e-6
    })
    expect(same).toBe(!trainable)
  }
})

test('a table of vectors by raw value', () => {
  const vocabulary = { size: 4, values: ['a', 'b'], encode: (raw: string) => ({ a: 2, b: 3 })[raw] ?? 1 }
  const { values, width, found } = pretrainedTable(
    vocabulary,
    new Map([
      ['b', [1, 2]],
      ['z', [9, 9]],
    ]),
  )
  expect([[...values], width, found]).toEqual([[0, 0, 0, 0, 0, 0, 1, 2], 2, 1])
  expect(() => pretrainedTable(vocabulary, new Map([['z', [1]]]))).toThrow(/none of 1 vectors/)
  expect(() =>
    pretrainedTable(
      vocabulary,
      new Map([
        ['a', [1]],
        ['b', [1, 2]],
      ]),
    ),
  ).toThrow(/has 2 numbers/)
  expect(() => pretrainedTable(vocabulary, new Map([['a', [NaN]]]))).toThrow(/finite/)
})

test.each<[string, InputOptions, RegExp]>([
  ['a misspelt option', { agregation: 'sum' } as never, /Did you mean 'aggregation'/],
  ['an aggregation that is none', { aggregation: 'mean' as never }, /one of concat, sum/],
  ['a feature that is none', { leaveOut: ['brand'] }, /names 'brand', which is none of colour/],
  ['tables of different sizes', { shared: [['colour', 'tag_1']] }, /one vocabulary/],
  ['a list of nothing', { lists: { tags: { of: [] } } }, /has no features/],
  [
    'a list with a feature’s name',
    { lists: { colour: { of: ['tag_1'] } } },
    /two inputs are called 'colour'/,
  ],
  [
    'items of another width, added',
    { itemWidth: 5, aggregation: 'sum' },
    /itemWidth goes with aggregation 'concat'/,
  ],
  [
    'a feature that is left out and context',
    { leaveOut: ['colour'], context: { columns: ['colour'] } },
    /left out, and/,
  ],
  ['a text for a list', { leaveOut: 'price' as never }, /leaveOut must be a list of names/],
  [
    'a text for a truth value',
    { layerNorm: 'false' as never },
    /layerNorm must be true or false, received 'false'/,
  ],
  ['a size for a list of sizes', { merge: 16 as never }, /merge is a list of sizes/],
  ['swap noise of all events', { swapNoise: 1 }, /swapNoise/],
  ['a width of nothing', { widths: { colour: 0 } }, /widths.colour/],
  ['vectors without a width', { pretrained: { text: {} as never } }, /pretrained.text.width/],
  [
    'widths where all have the model’s',
    { widths: { colour: 4 }, aggregation: 'sum' },
    /widths goes with aggregation 'concat'/,
  ],
  [
    'the width of a table that is another’s',
    { widths: { tag_2: 4 }, lists: { tags: { of: ['tag_1', 'tag_2'] } } },
    /table is that of 'tag_1'/,
  ],
  [
    'the width of what is left out',
    { widths: { colour: 4 }, leaveOut: ['colour'] },
    /no feature of an event/,
  ],
  ['settings of soft embeddings without them', { soft: { vectors: 5 } }, /soft goes with continuous 'soft'/],
  ['a fusion of nothing', { context: { columns: [], fusion: 'add' } }, /no columns/],
  [
    'a feature in two lists',
    { lists: { one: { of: ['tag_1'] }, two: { of: ['tag_1', 'tag_2'] } } },
    /'tag_1' is in two/,
  ],
  [
    'a feature in a list and shared',
    { lists: { one: { of: ['tag_1'] } }, shared: [['tag_1', 'tag_2']] },
    /'tag_1' is in two/,
  ],
  ['a table that is shared with nothing', { shared: [['tag_1']] }, /group of one/],
  [
    'a projection where all have the model’s width',
    { pretrained: { text: { width: 3, projection: 2 } }, aggregation: 'sum' },
    /pretrained.text.projection goes with/,
  ],
])('refuses %s', (_, options, message) => {
  expect(() => resolveInputs(schema, options)).toThrow(message)
})

test('soft embeddings want a number', () => {
  expect(() => resolveInputs({ ...schema, continuous: [] }, { continuous: 'soft' })).toThrow(
    /no feature is a number/,
  )
})

test('a table of vectors is given with the model, once', () => {
  const parts = { masking: causal(), block: sasrec({ width: 8, layers: 1, heads: 1 }), heads: [nextItem()] }
  const inputs = { pretrained: { text: { width: 2 } } }
  expect(() => model(schema, { ...parts, inputs })).toThrow(
    /'text', and its vectors are not given.*pretrainedTable/,
  )
  expect(() => model(schema, { ...parts, pretrained: { text: new Float32Array(2) } })).toThrow(
    /which inputs.pretrained does not/,
  )
})
