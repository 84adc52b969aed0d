import { afterAll } from 'vitest'
import { checkStore } from './contract.test-support.ts'
import { milvusVectors } from './milvus-database.ts'

const address = process.env['ENSUITE_MILVUS'] ?? ''
let count = Date.now()
const at = () => milvusVectors({ address, name: `contract${count}`, expansionSearch: 512 })
afterAll(() => undefined)
checkStore('milvusVectors', {
  empty: () => {
    count++
    return Promise.resolve(at())
  },
  again: () => Promise.resolve(at()),
  tolerance: 1e-4,
})
