import { test } from 'vitest'
import { loadDamaged } from './damaged-artifacts.test-support.ts'

// A thousand of each are in test/serve-damage.long.test.ts.
test('damaged artifacts are refused, and what answers answers as before', async () => {
  await loadDamaged(4)
})
