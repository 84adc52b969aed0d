import { describe, expect, it, test } from 'vitest'
import { bind, expand, graph, input, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { MaskingKind } from '../masking/index.ts'
import { initialise, normal, rootScope, type Mode } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import {
  bert,
  blockKinds,
  blockOfKind,
  gpt2,
  llama,
  longformer,
  transfoxl,
  xlnet,
  type Block,
} from './index.ts'
import { blockVariants, optionsFor } from './variants.test-support.ts'

const WIDTH = 8
const HIDDEN = -1e9
const shape = { width: WIDTH, layers: 2, heads: 2, dropout: 0.3 }
/** Narrower than a session. */
const window = 2

/** Two sessions in one row, or each in its own, padded at the end. */
const together = [[1, 1, 1, 2, 2, 2, 2]]
const apart = [
  [1, 1, 1, 0, 0],
  [2, 2, 2, 2, 0],
]

/** Whether an event may look at another of its session, by their places there. A permuted one sees the even places, and odd ones before it. */
const sees: Readonly<Record<MaskingKind, (from: number, to: number) => boolean>> = {
  causal: (from, to) => to <= from,
  masked: () => true,
  replaced: () => true,
  permuted: (from, to) => to % 2 === 0 || to < from,
}

const random = (size: number, stream: number): Float32Array => {
  const values = new Float32Array(size)
  initialise(values, [size], normal(0.5), createRandom(5, stream))
  return values
}

/** What a session's events hold does not depend on the row that they stand in. */
const eventValues = (session: number, place: number): Float32Array => random(WIDTH, 100 * session + place)

function feedsOf(rows: readonly (readonly number[])[], masking: MaskingKind) {
  const [batch, time] = [rows.length, rows[0]!.length]
  const place = (row: readonly number[], at: number): number => at - row.indexOf(row[at]!)
  const bias = (own: boolean): TensorData => ({
    dtype: 'float32',
    dims: [batch, 1, time, time],
    data: Float32Array.from(
      rows.flatMap((row) =>
        row.flatMap((session, from) =>
          row.map((other, to) => {
            const seen = from === to ? own : sees[masking](place(row, from), place(row, to))
            return session === other && seen ? 0 : HIDDEN
          }),
        ),
      ),
    ),
  })
  return {
    x: {
      dtype: 'float32',
      dims: [batch, time, WIDTH],
      data: Float32Array.from(
        rows.flatMap((row) => row.flatMap((session, at) => [...eventValues(session, place(row, at))])),
      ),
    },
    segments: { dtype: 'int32', dims: [batch, time], data: Int32Array.from(rows.flat()) },
    positions: {
      dtype: 'int32',
      dims: [batch, time],
      data: Int32Array.from(rows.flatMap((row) => row.map((_, at) => place(row, at)))),
    },
    elapsed: {
      dtype: 'int32',
      dims: [batch, time],
      data: Int32Array.from(rows.flatMap((row) => row.map((_, at) => 30 * place(row, at) ** 3))),
    },
    start: { dtype: 'float32', dims: [1, 1, WIDTH], data: random(WIDTH, 7) },
    bias: bias(true),
    queryBias: bias(false),
  } satisfies Readonly<Record<string, TensorData>>
}

/** Hidden states of the rows' sessions 1 and 2, event by event; every dropout mask holds ones. */
async function hiddenStates(
  block: Block<MaskingKind>,
  masking: MaskingKind,
  rows: readonly (readonly number[])[],
  mode: Mode,
): Promise<{ readonly states: readonly number[]; readonly masks: readonly string[] }> {
  const scope = rootScope(mode)
  const float = (name: string, dims: readonly (string | number)[]) => input(name, 'float32', dims)
  const x = float('x', ['batch', 'time', WIDTH])
  const query = {
    start: float('start', [1, 1, WIDTH]),
    attentionBias: float('queryBias', ['batch', 1, 'time', 'time']),
  }
  const context = {
    masking,
    attentionBias: float('bias', ['batch', 1, 'time', 'time']),
    segments: input('segments', 'int32', ['batch', 'time']),
    positions: input('positions', 'int32', ['batch', 'time']),
    ...(block.readsTimes === true && { elapsed: input('elapsed', 'int32', ['batch', 'time']) }),
    maxLength: 9,
    ...(masking === 'permuted' && { query: { ...query, start: expand(query.start, x.shape) } }),
  }
  const hidden = block.build(scope, x, context)
  const program = await nodeRuntime({ threads: 1 }).compile(graph({ hidden }))
  const sizes = { batch: rows.length, time: rows[0]!.length }
  const filled = (dims: readonly (string | number)[], values: (size: number) => Float32Array): TensorData => {
    const bound = dims.map((dim) => bind(dim, sizes) as number)
    return { dtype: 'float32', dims: bound, data: values(bound.reduce((all, dim) => all * dim, 1)) }
  }
  const feeds: Readonly<Record<string, TensorData>> = {
    ...feedsOf(rows, masking),
    ...Object.fromEntries(
      scope.parameters.map(({ name, shape: dims }, at) => [name, filled(dims, (size) => random(size, at))]),
    ),
    ...Object.fromEntries(
      scope.masks.map(({ name, shape: dims }) => [
        name,
        filled(dims, (size) => new Float32Array(size).fill(1)),
      ]),
    ),
  }
  const results = await program.run(Object.fromEntries(program.inputs.map((name) => [name, feeds[name]!])))
  await program.close()
  const flat = rows.flat()
  return {
    states: [...(results['hidden']!.data as Float32Array)].filter(
      (_, at) => flat[Math.floor(at / WIDTH)] !== 0,
    ),
    masks: scope.masks.map(({ name }) => name),
  }
}

const pairs = blockVariants({ ...shape, window }).flatMap(({ name, block }) =>
  block.supports.map((masking) => ({ name, block, masking })),
)

const worst = (left: readonly number[], right: readonly number[]): number =>
  Math.max(...left.map((value, at) => Math.abs(value - right[at]!)), left.length - right.length)

describe.each(pairs)('$name, $masking', ({ block, masking }) => {
  it('a session has the same states beside another in its row as alone', async () => {
    const packed = await hiddenStates(block, masking, together, 'evaluate')
    const alone = await hiddenStates(block, masking, apart, 'evaluate')
    expect(worst(packed.states, alone.states)).toBeLessThan(1e-5)
    expect(worst(packed.states.slice(0, WIDTH), packed.states.slice(WIDTH, 2 * WIDTH))).toBeGreaterThan(1e-2)
  })

  it('dropout that keeps everything changes nothing, and is in training only', async () => {
    const trained = await hiddenStates(block, masking, apart, 'train')
    const evaluated = await hiddenStates(block, masking, apart, 'evaluate')
    expect(worst(trained.states, evaluated.states)).toBeLessThan(1e-6)
    expect(trained.masks.length).toBeGreaterThan(0)
    expect(evaluated.masks).toEqual([])
  })
})

it("dropout stands where Hugging Face's stands", async () => {
  const scopes = async (kind: string, masking: MaskingKind = 'masked'): Promise<readonly string[]> =>
    (await hiddenStates(blockOfKind(kind, shape), masking, apart, 'train')).masks.map((name) =>
      name.replace(/^mask\.\d+\.?/, ''),
    )
  expect(await scopes('bert')).toEqual([
    'embeddings',
    ...[0, 1].flatMap((layer) =>
      ['attention.self', 'attention.output', 'output'].map((each) => `encoder.layer.${layer}.${each}`),
    ),
  ])
  expect(await scopes('xlnet')).toEqual([
    '', // the distances
    '', // the input
    ...[0, 1].flatMap((layer) =>
      ['rel_attn', 'rel_attn', 'ff.layer_1', 'ff'].map((each) => `layer.${layer}.${each}`),
    ),
    '', // the result
  ])
  expect(await scopes('longformer')).toEqual(await scopes('bert'))
  expect(await scopes('transfoxl', 'causal')).toEqual([
    '', // the input
    '', // the distances
    ...[0, 1].flatMap((layer) =>
      ['dec_attn', 'pos_ff.CoreNet.0', 'pos_ff'].map((each) => `layers.${layer}.${each}`),
    ),
    '', // the result
  ])
})

test.each([
  ['a width that the heads cannot share', () => xlnet({ ...shape, width: 9 }), /Width 9 .* 2 heads/],
  ['an odd width', () => xlnet({ ...shape, width: 9, heads: 3 }), /xlnet: width must be even, received 9/],
  [
    "Transformer-XL's odd width",
    () => transfoxl({ ...shape, width: 9, heads: 3 }),
    /transfoxl: width must be even, received 9/,
  ],
  [
    'attention without weights',
    () => transfoxl({ ...shape, attentionDropout: 1 }),
    /attentionDropout must be a number at least 0 and below 1, received 1/,
  ],
  [
    'a norm that is neither here nor there',
    () => transfoxl({ ...shape, preNorm: 'yes' as unknown as boolean }),
    /preNorm must be true or false/,
  ],
  ['layers without end', () => bert({ ...shape, layers: 5000 }), /layers must be .* at most 256/],
  [
    'a feed-forward layer of nothing',
    () => llama({ ...shape, expansion: 1e-300 }),
    /expansion 1e-300 .* whole number, 1 or more/,
  ],
  ['heads that GPT-2 cannot share', () => gpt2({ ...shape, heads: 3 }), /Width 8 .* 3 heads/],
  ['heads that BERT cannot share', () => bert({ ...shape, heads: 3 }), /Width 8 .* 3 heads/],
  ['no options', () => longformer(null as never), /longformer expects an object of options/],
  [
    'a slip',
    () => blockOfKind('bertt', shape),
    /block must be one of .*received 'bertt'. Did you mean 'bert'\?/,
  ],
  [
    'an unknown activation',
    () => bert({ ...shape, activation: 'silu' as 'gelu' }),
    /activation must be one of/,
  ],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message)
  expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})

test('options are what was checked: those that are undefined have their default, and none can be changed', () => {
  for (const kind of blockKinds) {
    const block = blockOfKind(kind, optionsFor(kind, { ...shape, dropout: undefined }))
    expect([kind, block.options['dropout']]).toEqual([kind, expect.any(Number)])
    expect(() => Object.assign(block.options, { layers: 3 })).toThrow(TypeError)
  }
})

test('recurrent blocks have dropout between layers, and of the result of one', async () => {
  const masks = async (layers: number): Promise<number> =>
    (await hiddenStates(blockOfKind('gru', { width: WIDTH, layers, dropout: 0.3 }), 'causal', apart, 'train'))
      .masks.length
  expect([await masks(1), await masks(2), await masks(3)]).toEqual([1, 1, 2])
})
