import { expect, test } from 'vitest'
import { blockKinds } from '../src/blocks/index.ts'
import { blockBatch, blockCase } from './our-block.ts'

const configuration = { items: 30, width: 8, layers: 1, heads: 2, dropout: 0.1, batch: 3, time: 10 }

test('every block has a case', () => {
  for (const kind of blockKinds) expect(blockCase(kind, configuration).block.kind).toBe(kind)
})

test('a fifth of each session is hidden and predicted, each once, where the masking hides', () => {
  const batch = blockBatch(blockCase('bert', configuration), 0)
  expect([...batch.labelPositions].map((place) => Math.floor(place / 10))).toEqual([0, 0, 1, 1, 2, 2])
  expect(new Set(batch.labelPositions).size).toBe(6)
  expect([...batch.labelItems]).toEqual([...batch.labelPositions].map((place) => batch.items[place]))
  const ordered = [...batch.order!.keys()].filter((place) => batch.order![place]! > 0)
  expect(ordered).toEqual([...batch.labelPositions])
})

test('with a causal masking each event predicts the next one, at times that only grow where the block reads them', () => {
  const batch = blockBatch(blockCase('hstu', configuration), 0)
  expect([...batch.labelItems.subarray(0, 9)]).toEqual([...batch.items.subarray(1, 10)])
  const first = [...batch.elapsed!.subarray(0, 10)]
  expect(first[0]).toBe(0)
  expect(first).toEqual([...new Set(first)].sort((left, right) => left - right))
  expect(blockBatch(blockCase('gpt2', configuration), 0).elapsed).toBeUndefined()
})
