import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkStore, rowsOf } from './contract.test-support.ts'
import { checkHostileTexts } from './hostile-texts.test-support.ts'
import { milvusVectors } from './milvus-database.ts'
import { milvusDouble, type MilvusDouble } from './milvus-double.test-support.ts'
import { publishVectors } from './publish-vectors.ts'

/** `host:port` of a server that may be filled; `npm run test:milvus` starts some. Without one, doubles of a server that takes templates and of one that does not. */
const given = process.env['ENSUITE_MILVUS']
let count = Date.now()

const servers: readonly { readonly name: string; readonly version: string | undefined }[] =
  given === undefined
    ? ['v2.5.27', 'v2.3.5'].map((version) => ({ name: `a double of Milvus ${version}`, version }))
    : [{ name: `Milvus at ${given}`, version: undefined }]

describe.each(servers)('$name', ({ version }) => {
  let double: MilvusDouble | undefined
  beforeAll(async () => {
    if (version !== undefined) double = await milvusDouble(version)
  })
  afterAll(() => double?.close())
  const at = () =>
    milvusVectors({ address: double?.address ?? given!, name: `contract${count}`, expansionSearch: 512 })
  checkStore('milvusVectors', {
    empty: () => {
      count++
      return Promise.resolve(at())
    },
    again: () => Promise.resolve(at()),
    tolerance: 1e-4,
  })
  it('keeps what was measured when a version was taken into use', async () => {
    count++
    const database = at()
    const rows = rowsOf(300, 1, 8).map(({ id, vector }) => ({ id, vector }))
    const queries = rowsOf(10, 2, 8).map(({ vector }) => vector)
    const schema = { dimensions: 8, similarity: 'cosine' } as const
    const about = await publishVectors(database, 'v1', rows, { schema, queries, k: 10 })
    expect(about).toMatchObject({ rows: 300, k: 10, queries: 10 })
    expect(await database.about('v1')).toEqual(about)
    expect(await database.current()).toBe('v1')
    await (await database.create('v2', schema)).close()
    expect(await database.about('v2')).toBeUndefined()
    await database.close()
  }, 300_000)
  it('reads every text as what it is', () => {
    count++
    return checkHostileTexts(at(), 100)
  }, 300_000)
})
