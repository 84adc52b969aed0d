import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readBytes, type ReadRange } from './read-bytes.ts'

const folder = mkdtempSync(join(tmpdir(), 'read-bytes-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'file')
writeFileSync(
  path,
  Uint8Array.from({ length: 10 }, (_, at) => at),
)

async function read(range: Omit<ReadRange, 'unreadable'>) {
  const file = await open(path)
  try {
    return await readBytes(file, { ...range, unreadable: (why, cause) => new Error(why, { cause }) })
  } finally {
    await file.close()
  }
}

test.each([1, 3, 4, 10, 11])('reads of %d bytes give the same as one', async (chunk) => {
  expect([...(await read({ from: 0, length: 10, chunk }))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect([...(await read({ from: 2, length: 7, chunk }))]).toEqual([2, 3, 4, 5, 6, 7, 8])
})

test('a file that ends before is refused, as are more bytes than there can be', async () => {
  await expect(read({ from: 4, length: 9, chunk: 4 })).rejects.toThrow('ended at byte 10 of 13')
  await expect(read({ from: 0, length: 2 ** 53 - 1 })).rejects.toThrow('do not fit into the memory')
})
