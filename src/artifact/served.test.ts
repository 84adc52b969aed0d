import { expect, test } from 'vitest'
import { binary, multiClass, nextItem } from '../heads/index.ts'
import type { Manifest } from './manifest.ts'
import type { PartDescription } from './model-description.ts'
import { servedBy } from './served.ts'

const part = ({ kind, options }: PartDescription): PartDescription => ({ kind, options })
const shape = { width: 8, layers: 1, heads: 1 }
const manifest = (
  heads: readonly PartDescription[],
  inputs: object = {},
  block: object = { kind: 'sasrec', options: shape },
): Manifest =>
  ({
    model: {
      schema: { items: 12, categorical: { colour: 5, size: 6 }, continuous: ['price'] },
      inputs,
      block,
      heads: heads.map(part),
    },
  }) as unknown as Manifest

const [colour, dear] = [
  multiClass({ target: 'colour', classes: 3 }),
  binary({ target: 'price', name: 'dear', summary: 'max' }),
]

test('a block that reads times has them among its inputs', () => {
  const inputs = (kind: string): readonly string[] =>
    servedBy(manifest([nextItem()], {}, { kind, options: shape })).inputs
  expect(inputs('tisasrec')).toContain('elapsed')
  expect(inputs('hstu')).toContain('elapsed')
  expect(inputs('ligr')).not.toContain('elapsed')
})

test('what a recommendation graph takes and gives', () => {
  expect(servedBy(manifest([nextItem(), colour, dear]))).toEqual({
    inputs: ['items', 'categorical.colour', 'categorical.size', 'continuous.price'],
    optionalInputs: [],
    optionalOutputs: ['session'],
    items: 10,
    dimensions: 8,
    heads: [
      { name: 'colour', target: 'colour', classes: 3 },
      { name: 'dear', target: 'price' },
    ],
  })
  expect(servedBy(manifest([dear], { leaveOut: ['price'] }))).toEqual({
    inputs: ['items', 'categorical.colour', 'categorical.size'],
    optionalInputs: ['continuous.price'],
    optionalOutputs: [],
    items: 0,
    dimensions: 0,
    heads: [{ name: 'dear', target: 'price' }],
  })
})

test('an item that has a score of its own has one number more', () => {
  expect(servedBy(manifest([nextItem({ bias: true })])).dimensions).toBe(9)
})

test.each<[string, readonly PartDescription[], object]>([
  ['a head that is not known', [{ kind: 'ordinal', options: { target: 'price' } }], {}],
  ['a head of a feature that is not there', [binary({ target: 'cost' })], {}],
  ['classes that are not those of the feature', [multiClass({ target: 'size', classes: 3 })], {}],
  ['two heads of one name', [colour, colour], {}],
  ['a name that is none', [{ kind: 'binary', options: { target: 'price', name: '../x' } }], {}],
  ['inputs that are none', [dear], { leaveOut: 3 }],
])('%s is refused', (_, heads, inputs) => {
  expect(() => servedBy(manifest(heads, inputs))).toThrow(
    expect.objectContaining({ code: 'ARTIFACT_INVALID' }) as Error,
  )
})
