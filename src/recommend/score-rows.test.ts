import { describe, expect, test } from 'vitest'
import type { Served } from '../artifact/index.ts'
import type { Program, TensorData } from '../graph/index.ts'
import { checkProgram, scoreRows } from './score-rows.ts'
import type { SessionRow } from './session-row.ts'

const served: Served = {
  inputs: ['items', 'categorical.colour'],
  optionalInputs: ['continuous.price'],
  optionalOutputs: ['session'],
  items: 3,
  dimensions: 2,
  heads: [
    { name: 'price', target: 'price' },
    { name: 'colour', target: 'colour', classes: 2 },
  ],
}

const NONE = new Float32Array(0)

const tensor = (dims: readonly number[], values: readonly number[]): TensorData => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(values),
})

function program(parts: Partial<Program>, outputs: Readonly<Record<string, TensorData>> = {}): Program {
  return {
    inputs: served.inputs,
    outputs: ['scores', 'head.price', 'head.colour'],
    run: () => Promise.resolve(outputs),
    ...parts,
  } as Program
}

const row = (k: number, ...excluded: number[]): SessionRow => ({
  inputs: { items: Int32Array.of(2), 'categorical.colour': Int32Array.of(2) },
  excluded: Int32Array.from(excluded),
  k,
})

const good = {
  scores: tensor([2, 3], [1, 3, 2, 6, 5, 4]),
  'head.price': tensor([2], [7.5, -1]),
  'head.colour': tensor([2, 2], [0.25, 0.75, 0.5, 0.5]),
}

test('each row has its own items and predictions', async () => {
  expect(await scoreRows(program({}, good), [row(2), row(3, 0)], { served, added: NONE })).toEqual([
    {
      columns: Int32Array.of(1, 2),
      scores: Float32Array.of(3, 2),
      predictions: {
        price: 7.5,
        colour: { columns: Int32Array.of(1, 0), scores: Float32Array.of(0.75, 0.25) },
      },
    },
    {
      columns: Int32Array.of(1, 2),
      scores: Float32Array.of(5, 4),
      predictions: {
        price: -1,
        colour: { columns: Int32Array.of(0, 1), scores: Float32Array.of(0.5, 0.5) },
      },
    },
  ])
})

test.each<[string, Readonly<Record<string, TensorData>>, string, RegExp]>([
  ['scores of another catalogue', { scores: tensor([2, 2], [1, 2, 3, 4]) }, 'ARTIFACT_INVALID', /'scores'/],
  [
    'classes of another head',
    { 'head.colour': tensor([2, 1], [1, 1]) },
    'ARTIFACT_INVALID',
    /'head.colour' of \[2, 2\], and gave float32 of \[2, 1\]/,
  ],
  [
    'classes in place of a number',
    { 'head.price': tensor([2, 2], [1, 2, 3, 4]) },
    'ARTIFACT_INVALID',
    /'head.price'/,
  ],
  [
    'whole numbers',
    { 'head.price': { dtype: 'int32', dims: [2], data: Int32Array.of(1, 2) } },
    'ARTIFACT_INVALID',
    /int32/,
  ],
  [
    'a number that is none',
    { 'head.price': tensor([2], [1, NaN]) },
    'RUNTIME_FAILED',
    /'price' predicted NaN/,
  ],
  ['an infinite number', { 'head.price': tensor([2], [Infinity, 1]) }, 'RUNTIME_FAILED', /Infinity/],
  ['a class that is none', { 'head.colour': tensor([2, 2], [NaN, 0, 0, 1]) }, 'RUNTIME_FAILED', /NaN/],
])('%s is refused', async (_, change, code, message) => {
  const scored = scoreRows(program({}, { ...good, ...change }), [row(1), row(1)], {
    served,
    added: NONE,
  })
  await expect(scored).rejects.toMatchObject({ code })
  await expect(scored).rejects.toThrow(message)
})

describe('a graph that does not fit the manifest is not opened', () => {
  test.each<[string, Partial<Program>]>([
    ['a head too few', { outputs: ['scores', 'head.price'] }],
    ['a head too many', { outputs: ['scores', 'head.price', 'head.colour', 'head.size'] }],
    ['no scores', { outputs: ['head.price', 'head.colour'] }],
    ['a feature too few', { inputs: ['items'] }],
    ['a feature too many', { inputs: ['items', 'categorical.colour', 'categorical.size'] }],
  ])('%s', (_, parts) => {
    expect(() => {
      checkProgram(program(parts), served)
    }).toThrow(expect.objectContaining({ code: 'ARTIFACT_INVALID' }) as Error)
  })

  test('one that fits is, with or without what is left out of its inputs', () => {
    checkProgram(program({}), served)
    checkProgram(program({ outputs: ['scores', 'session', 'head.price', 'head.colour'] }), served)
    checkProgram(program({ inputs: [...served.inputs, 'continuous.price'] }), served)
    checkProgram(program({ outputs: ['head.price', 'head.colour'] }), { ...served, items: 0 })
  })
})
