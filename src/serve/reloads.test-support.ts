import { appendFile, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { keyOptions, keys, saved, served, type Asked } from './served.test-support.ts'
import { statuses, underLoad } from './under-load.test-support.ts'

/** Puts artifacts in place of each other while requests go on: none of these fails, and a bad artifact changes nothing. */
export async function reloadUnderLoad({
  good,
  bad,
}: {
  readonly good: number
  readonly bad: number
}): Promise<void> {
  const { ask, root } = await served({ keys: keyOptions, admin: {} })
  await saved(root, 'other', { seed: 2 })
  const damaged = join(root, 'damaged')
  await cp(join(root, 'other'), damaged, { recursive: true })
  await appendFile(join(damaged, 'recommend.onnx'), 'x')
  const put = (artifact: string): Promise<Asked> =>
    ask('POST', '/admin/models/shop/load', { body: { artifact }, key: keys.admin })
  const digestNow = async (): Promise<string> =>
    ((await ask('GET', '/v1/models', { key: keys.read })).json as { models: { digest: string }[] }).models[0]!
      .digest
  const recommend = (): Promise<Asked> =>
    ask('POST', '/v1/recommend', { body: { events: [{ item: 'i3' }] }, key: keys.read })
  const load = underLoad(recommend, 4)
  for (let at = 0; at < good; at++) {
    expect(await put(at % 2 === 0 ? 'other' : 'shop')).toMatchObject({ status: 200 })
    if (at % Math.ceil(good / bad) !== 0) continue
    const digest = await digestNow()
    expect(await put('damaged')).toMatchObject({ status: 422, json: { code: 'ARTIFACT_INVALID' } })
    expect(await put('missing')).toMatchObject({ status: 422, json: { code: 'FILE_NOT_FOUND' } })
    expect(await digestNow()).toBe(digest)
  }
  const answers = await load.stop()
  expect(answers.length).toBeGreaterThan(good)
  expect(statuses(answers)).toEqual([200])
  expect(new Set(answers.map(({ json }) => (json as { digest: string }).digest)).size).toBe(2)
}
