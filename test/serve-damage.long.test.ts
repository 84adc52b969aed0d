import { test } from 'vitest'
import { loadDamaged } from '../src/serve/damaged-artifacts.test-support.ts'

test('a thousand mutants with another bit and a thousand that end early of each file of an artifact', async () => {
  await loadDamaged(1000)
})
