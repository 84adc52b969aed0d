import { expect, test } from 'vitest'
import { albert, bert, electra, sasrec } from '../blocks/index.ts'
import { binary, nextItem, regression } from '../heads/index.ts'
import { aggregations } from '../inputs/index.ts'
import { causal, masked, replaced } from '../masking/index.ts'
import { model } from '../model.ts'

const schema = { items: 10, categorical: { colour: 6 }, continuous: ['price'] }
const size = { width: 8, layers: 1, heads: 1 }

test('two heads may predict one feature', () => {
  const heads = [
    binary({ target: 'colour', positive: 2, name: 'red' }),
    binary({ target: 'colour', positive: 3, name: 'blue' }),
  ]
  const made = model(schema, { masking: causal(), block: sasrec(size), heads: [nextItem(), ...heads] })
  expect(Object.keys(made.recommendation())).toEqual(['next-item', 'red', 'blue'])
  expect(made.training().loss.shape).toEqual([])
})

test('a head that its feature does not suit is refused', () => {
  const parts = { masking: causal(), block: sasrec(size) }
  expect(() => model(schema, { ...parts, heads: [regression({ target: 'colour' })] })).toThrow(
    /is a category/,
  )
  expect(() => model(schema, { ...parts, heads: [binary({ target: 'colour', positive: 99 })] })).toThrow(
    /have the codes from 2 to 5/,
  )
  for (const [head, message] of [
    [binary({ target: 'colour' }), /one of 4 values. Say which: positive: fitted.vocabulary\('colour'\)/],
    [binary({ target: 'colour', positive: 1 }), /takes code 1 .* a value that it does not know has code 1/],
    [binary({ target: 'price', positive: 2 }), /which is a number. Leave positive out/],
  ] as const)
    expect(() => model(schema, { ...parts, heads: [head] })).toThrow(message)
})

test('merge layers lead back to the width of the model, whatever the aggregation', () => {
  for (const aggregation of Object.keys(aggregations) as (keyof typeof aggregations)[]) {
    const inputs = { aggregation, merge: [24] }
    const made = model(schema, { inputs, masking: masked(), block: bert(size), heads: [nextItem()] })
    expect(made.training().loss.shape).toEqual([])
  }
})

test('vectors that are no numbers are refused', () => {
  const inputs = { pretrained: { text: { width: 2 } } }
  const parts = { inputs, masking: causal(), block: sasrec(size), heads: [nextItem()] }
  const nan = { text: new Float32Array(20).fill(NaN) }
  expect(() => model(schema, { ...parts, pretrained: nan })).toThrow(/not finite/)
  expect(() => model(schema, { ...parts, pretrained: { text: [1] as never } })).toThrow(/Float32Array/)
})

test('a head that would see what it predicts is refused', () => {
  const ofLabels = [nextItem(), regression({ target: 'price' })]
  expect(() =>
    model(schema, {
      ...{ masking: causal(), block: sasrec(size), heads: ofLabels },
      inputs: { context: { columns: ['price'], fusion: 'add' } },
    }),
  ).toThrow(/which is context/)
})

test('items may be narrower than the states of a block that takes them so', () => {
  for (const block of [electra({ ...size, embeddingWidth: 4 }), albert({ ...size, embeddingWidth: 4 })]) {
    const made = model(schema, { masking: replaced(), block, heads: [nextItem()] })
    const shapes = Object.fromEntries(made.parameters.map(({ name, shape }) => [name, shape]))
    expect(shapes['item.weight']).toEqual([10, 4])
    expect(shapes['head.projection.weight']).toEqual([4, 8])
    expect(made.training().loss.shape).toEqual([])
    expect(made.recommendation()['next-item']!.shape).toEqual(['batch', 8])
  }
})
