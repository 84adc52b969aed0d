import { describe, it } from 'vitest'
import { checkStore } from './contract.test-support.ts'
import { checkHostileTexts } from './hostile-texts.test-support.ts'
import { milvusVectors } from './milvus-database.ts'

/** `host:port` of a server that may be filled; `npm run test:milvus` starts some. */
const address = process.env['ENSUITE_MILVUS']
let count = Date.now()

describe.skipIf(address === undefined)(`Milvus at ${address ?? 'no address (ENSUITE_MILVUS)'}`, () => {
  const at = () => milvusVectors({ address: address!, name: `contract${count}`, expansionSearch: 512 })
  checkStore('milvusVectors', {
    empty: () => {
      count++
      return Promise.resolve(at())
    },
    again: () => Promise.resolve(at()),
    tolerance: 1e-4,
  })
  it('reads every text as what it is', () => {
    count++
    return checkHostileTexts(at(), 100)
  }, 300_000)
})
