import { expect, test } from 'vitest'
import { withDatabase } from './database.ts'
import { isShortOfRoom } from './engine-error.ts'

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

test.each([
  ['IO Error: Could not write file "sessions.parquet": No space left on device'],
  ['ENOSPC: no space left on device, write'],
])('a full disk is no fault of what is read: %s', async (message) => {
  const cause = new Error(message)
  expect(isShortOfRoom(cause)).toBe(true)
  await expect(withDatabase([], () => Promise.reject(cause))).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    message: expect.stringMatching(/disk is full/) as string,
  })
})
