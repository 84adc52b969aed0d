import { test } from 'vitest'
import { reloadUnderLoad } from '../src/serve/reloads.test-support.ts'

test('a hundred good and twenty bad artifacts under load', async () => {
  await reloadUnderLoad({ good: 100, bad: 20 })
})
