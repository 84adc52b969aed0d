import { test } from 'vitest'
import { loadDamaged } from '../src/serve/damaged-artifacts.test-support.ts'

test.each(['model', 'baseline'] as const)(
  'a thousand mutants with another bit and a thousand that end early of each file of an artifact of a %s',
  async (kind) => {
    await loadDamaged(1000, kind)
  },
)
