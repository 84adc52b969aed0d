import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { checkStore } from './contract.test-support.ts'
import { lanceVectors } from './lance-database.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-lance-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let count = 0
checkStore('lanceVectors', {
  empty: () => Promise.resolve(lanceVectors(join(root, String(++count)))),
  again: () => Promise.resolve(lanceVectors(join(root, String(count)))),
})
