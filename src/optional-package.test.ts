import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { optionalPackage } from './optional-package.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-package-'))
afterAll(() => rm(root, { recursive: true, force: true }))

it('a package that is not there is named, with how to install it', async () => {
  await expect(optionalPackage('@ensuite/no-such-package', 'This')).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    message: expect.stringContaining('npm install @ensuite/no-such-package') as string,
  })
})

it('one that is there and does not load is not said to be missing', async () => {
  const path = join(root, 'broken.mjs')
  await writeFile(path, "throw new Error('no binary for this system')")
  await expect(optionalPackage(pathToFileURL(path).href, 'This')).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    message: expect.stringContaining('does not load here: no binary for this system') as string,
  })
})

it('one that is there is given', async () => {
  expect(await optionalPackage<{ readonly join: unknown }>('node:path', 'This')).toHaveProperty('join')
})
