import { expect, test } from 'vitest'
import { withDatabase } from './database.ts'

test('what does not fit into the memory limit has a code, and the message says the limit', async () => {
  const sorted = withDatabase(
    [],
    (database) => database.run('SELECT list_sort(list(range)) FROM range(50000000)'),
    { memoryLimit: 1e8 },
  )
  await expect(sorted).rejects.toMatchObject({
    code: 'MEMORY_FULL',
    message: expect.stringMatching(/limit of 100 MB.*--memory/) as string,
  })
})

test('other errors of the engine stay as they are', async () => {
  const wrong = withDatabase([], (database) => database.run('SELECT nothing'), { memoryLimit: 1e8 })
  await expect(wrong).rejects.toThrow(/^Binder Error/)
})
