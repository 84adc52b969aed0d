import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blockKinds } from '../../src/blocks/index.ts'

// Invariants and learning say nothing of whether a block is the one that its name says.
test('every block has fixtures of its reference', () => {
  const made = readdirSync(new URL('../fixtures/parity/', import.meta.url))
  expect(
    blockKinds.filter((kind) => !made.includes(kind)),
    'Make fixtures as tools/parity/README.md says, and call checkParity.',
  ).toEqual([])
})
