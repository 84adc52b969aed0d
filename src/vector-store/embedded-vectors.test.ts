import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { checkStore } from './contract.test-support.ts'
import { approximateVectors, exactVectors } from './embedded-vectors.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-vectors-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let count = 0
const folders = (make: (folder: string) => ReturnType<typeof exactVectors>) => ({
  empty: () => Promise.resolve(make(join(root, String(++count)))),
  again: () => Promise.resolve(make(join(root, String(count)))),
})

checkStore(
  'exactVectors',
  folders((folder) => exactVectors(folder, { threads: 1 })),
)
checkStore(
  'approximateVectors',
  folders((folder) => approximateVectors(folder)),
)
