import { expect, test } from 'vitest'
import { bert, roberta, sasrec, type Block, type StartingTensor } from '../blocks/index.ts'
import { nextItem } from '../heads/index.ts'
import { masked, replaced, type MaskingKind } from '../masking/index.ts'
import { model } from '../model.ts'
import { fingerprint } from '../train/fingerprint.ts'

const schema = { items: 10, categorical: {}, continuous: [] }
const size = { width: 4, layers: 1, heads: 1 }
const POSITIONS = 'embeddings.position_embeddings.weight'

const filled = (shape: readonly number[], first: number): Float32Array =>
  Float32Array.from({ length: shape.reduce((all, dim) => all * dim, 1) }, (_, at) => first + at)

const starting = <Kind extends MaskingKind>(
  block: Block<Kind>,
  tensors: Readonly<Record<string, StartingTensor>>,
): Block<Kind> => ({ ...block, weights: { from: 'here', tensors } })

const positions = (rows: number, firstPlace = 0): StartingTensor => ({
  shape: [rows, 4],
  data: filled([rows, 4], 0),
  firstPlace,
})
const scale = { shape: [4], data: filled([4], 100) }

const made = (block: Block<'masked' | 'replaced'>, maxLength = 3) =>
  model(schema, { masking: masked(), block, heads: [nextItem()], maxLength })

test('a block starts from its weights, of the table of positions from the first rows', () => {
  const name = 'embeddings.LayerNorm.weight'
  const block = starting(bert(size), { [POSITIONS]: positions(9), [name]: scale })
  // One place more than there are events, for what is predicted.
  expect(made(block).pretrained).toEqual({ [POSITIONS]: filled([4, 4], 0), [name]: filled([4], 100) })
  const shifted = starting(roberta(size), { [POSITIONS]: positions(9, 2) })
  expect(made(shifted).pretrained).toEqual({ [POSITIONS]: filled([6, 4], 0) })
})

test('a discriminator of its own starts from the same', () => {
  const block = starting(bert(size), { 'embeddings.LayerNorm.weight': scale })
  const of = (discriminator: 'tied' | 'separate') =>
    model(schema, { masking: replaced({ discriminator }), block, heads: [nextItem()] }).pretrained
  const names = ['embeddings.LayerNorm.weight', 'discriminator.embeddings.LayerNorm.weight']
  expect(Object.keys(of('tied'))).toEqual(names.slice(0, 1))
  expect(of('separate')).toEqual(Object.fromEntries(names.map((name) => [name, scale.data])))
})

test('a longer session than there are positions for is refused, with the longest that there is', () => {
  const block = starting(roberta(size), { [POSITIONS]: positions(9, 2) })
  expect(made(block, 6).places).toBe(7)
  expect(() => made(block, 7)).toThrow(/maxLength 7 needs 8 places, and .* has 7. Choose .* at most 6\./)
  expect(() => made(block, 7)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  expect(() => made(starting(bert(size), { [POSITIONS]: positions(1) }))).toThrow(/Choose other weights/)
})

test.each([
  ['another name', { 'embeddings.norm.weight': scale }, /has no such parameter/],
  [
    'another shape',
    { 'embeddings.LayerNorm.weight': { shape: [2, 2], data: scale.data } },
    /brings \[2, 2\]/,
  ],
  ['another width', { [POSITIONS]: { shape: [9, 2], data: filled([9, 2], 0), firstPlace: 0 } }, /\[9, 2\]/],
])('%s than the block has is refused', (_, tensors, message) => {
  expect(() => made(starting(bert(size), tensors))).toThrow(message)
  expect(() => made(starting(bert(size), tensors))).toThrow(
    expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
  )
})

test('a run that starts elsewhere is another run', () => {
  const norm = (first: number) => ({
    shape: [4],
    data: filled([4], first),
  })
  const text = (...first: readonly number[]): string =>
    fingerprint(
      made(
        first.length === 0
          ? bert(size)
          : starting(bert(size), { 'embeddings.LayerNorm.weight': norm(first[0]!) }),
      ),
      [],
      {},
    )
  expect(new Set([text(), text(1), text(2)]).size).toBe(3)
  expect(text(1)).toBe(text(1))
  expect(sasrec(size).weights).toBeUndefined()
})
