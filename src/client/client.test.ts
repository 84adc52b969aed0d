import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { endpoints } from '../serve/api/endpoints.ts'
import { keyOptions, keys, served } from '../serve/served.test-support.ts'
import { createClient } from './index.ts'

test('a method for every endpoint, and the types of its schemas', async () => {
  const { server } = await served({ keys: keyOptions, admin: {} })
  const [reader, writer] = [keys.read, keys.write].map((key) => createClient({ url: server.url, key }))
  expect(Object.keys(reader!).sort()).toEqual(Object.keys(endpoints).sort())
  expect(await writer!.sendEvents({ events: [{ id: '1', session: 'a:b', item: 'i3' }] })).toEqual({
    accepted: 1,
    known: 0,
  })
  expect(await reader!.readSession({ session: 'a:b' })).toEqual({ session: 'a:b', events: [{ item: 'i3' }] })
  const { items } = await reader!.recommend({ session: 'a:b', k: 3 })
  expect(items).toHaveLength(3)
  expect(items[0]!.score).toBeGreaterThanOrEqual(items[1]!.score)
  expect(await reader!.live()).toEqual({ live: true })
  expect(await reader!.metrics()).toContain('ensuite_stage_duration_seconds_count{stage="score"} 1')
  const admin = createClient({ url: server.adminUrl!, key: keys.admin })
  expect((await admin.adminModels()).models[0]).toMatchObject({ name: 'shop', weight: 1 })
  const inferred = await reader!.infer({
    model: 'shop',
    id: '7',
    parameters: { k: 2 },
    inputs: [{ name: 'items', datatype: 'BYTES', shape: [2, 2], data: ['i3', 'i4', 'i5', ''] }],
  })
  expect(inferred).toMatchObject({
    model_name: 'shop',
    id: '7',
    outputs: [
      { name: 'items', shape: [2, 2] },
      { name: 'scores', datatype: 'FP32' },
    ],
  })
  const { items: same } = await reader!.recommend({ events: [{ item: 'i5' }], k: 2 })
  expect(inferred.outputs[0]!.data.slice(2)).toEqual(same.map(({ item }) => item))
})

test('what is no success is an error with the code', async () => {
  const { server } = await served({ keys: keyOptions })
  const client = createClient({ url: server.url, key: keys.read })
  await expect(client.recommend({ session: 's', k: 400 })).rejects.toMatchObject({
    name: 'RequestError',
    status: 400,
    code: 'OPTION_INVALID',
  })
  await expect(client.recommend({})).rejects.toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
  await expect(client.removeSession({ session: 's' })).rejects.toMatchObject({
    status: 403,
    code: 'FORBIDDEN',
  })
  await expect(client.inferenceModel({ model: 'nobody' })).rejects.toMatchObject({
    status: 404,
    code: 'MODEL_UNKNOWN',
  })
})

test('it imports nothing but the table of addresses', () => {
  const source = readFileSync(new URL('./index.ts', import.meta.url), 'utf8')
  const imported = [...source.matchAll(/^import (?!type ).* from '(.*)'$/gm)].map(([, path]) => path)
  expect(imported).toEqual(['../serve/api/endpoints.ts'])
  expect(readFileSync(new URL('../serve/api/endpoints.ts', import.meta.url), 'utf8')).not.toMatch(/^import/m)
})
