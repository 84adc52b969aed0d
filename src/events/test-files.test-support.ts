import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll } from 'vitest'

/** A folder of its own for the tests of one file, removed after them. */
export function temporaryFolder(): {
  readonly path: (name: string) => string
  readonly write: (name: string, content: string | Uint8Array) => string
} {
  const folder = mkdtempSync(join(tmpdir(), 'ensuite-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string): string => join(folder, name)
  return {
    path,
    write: (name, content) => {
      mkdirSync(dirname(path(name)), { recursive: true })
      // A name that ends in .gz gets text packed; bytes are written as they are.
      writeFileSync(
        path(name),
        typeof content === 'string' && name.endsWith('.gz') ? gzipSync(content) : content,
      )
      return path(name)
    },
  }
}
