import { test } from 'vitest'
import { loadDamaged } from './damaged-artifacts.test-support.ts'

// A thousand of each are in test/serve-damage.long.test.ts.
test.each(['model', 'baseline'] as const)(
  'damaged artifacts of a %s are refused, and what answers answers as before',
  async (kind) => {
    await loadDamaged(4, kind)
  },
)
