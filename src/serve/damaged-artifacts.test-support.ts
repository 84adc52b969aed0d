import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { flipped, truncated } from '../mutants.test-support.ts'
import { keyOptions, keys, saved, savedBaseline, served, type Asked } from './served.test-support.ts'

/** Of each file of an artifact so many mutants with another bit, and so many that end early, are loaded: each is refused, and what answers answers as before. */
export async function loadDamaged(mutants: number, kind: 'model' | 'baseline'): Promise<void> {
  const { ask, root } = await served(
    { keys: keyOptions, admin: {}, limits: { ratePerSecond: 1e6, rateBurst: 1e6 } },
    { model: { content: true } },
  )
  if (kind === 'model') await saved(root, 'other', { content: true, seed: 2 })
  else await savedBaseline(root, 'other')
  const damaged = join(root, 'damaged')
  await cp(join(root, 'other'), damaged, { recursive: true })
  const load = (): Promise<Asked> =>
    ask('POST', '/admin/models/shop/load', { body: { artifact: 'damaged' }, key: keys.admin })
  const recommend = async (): Promise<unknown> => {
    const { status, json } = await ask('POST', '/v1/recommend', {
      body: { events: [{ item: 'i3', values: { colour: 'red', price: 1 } }], k: 30 },
      key: keys.read,
    })
    expect(status).toBe(200)
    return json
  }
  const before = await recommend()
  const files = (await readdir(damaged)).sort()
  const own = kind === 'model' ? ['recommend.onnx', 'weights.safetensors'] : ['sessions.safetensors']
  expect(files).toEqual(expect.arrayContaining(['manifest.json', ...own]))
  for (const [at, name] of files.entries()) {
    const file = join(damaged, name)
    const whole = await readFile(file)
    for (const [what, bytes] of [
      ...flipped(whole, 2 * at, mutants),
      ...truncated(whole, 2 * at + 1, mutants),
    ]) {
      // Only the end of its last line is missing: the same JSON.
      if (name === 'manifest.json' && bytes.length === whole.length - 1) continue
      await writeFile(file, bytes)
      const { status, json } = await load()
      expect(status, `${name}: ${what}`).toBe(422)
      expect((json as { readonly code: string }).code).toMatch(/^ARTIFACT_(INVALID|TOO_NEW)$|^PATH_ESCAPES$/)
      expect(await recommend(), `${name}: ${what}`).toEqual(before)
    }
    await writeFile(file, whole)
  }
  // The same folder, whole again, is taken.
  expect((await load()).status).toBe(200)
  expect(await recommend()).not.toEqual(before)
}
