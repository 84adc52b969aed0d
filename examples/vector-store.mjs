import { exactVectors, publishVectors } from 'ensuite/vector-store'

const database = exactVectors('artifacts/vectors')
const schema = { dimensions: 3, similarity: 'cosine', attributes: { brand: 'text', price: 'number' } }
const rows = [
  { id: 'shoe', vector: Float32Array.of(1, 0, 0), attributes: { brand: 'Ada', price: 80 } },
  { id: 'boot', vector: Float32Array.of(0.9, 0.1, 0), attributes: { brand: 'Bell', price: 120 } },
  { id: 'lamp', vector: Float32Array.of(0, 0, 1), attributes: { brand: 'Ada', price: 30 } },
]
const queries = [Float32Array.of(1, 0.1, 0)]

// A version is filled, measured beside exact search, and only then taken into use.
const { recall } = await publishVectors(database, 'v1', rows, { schema, queries, k: 2 })
console.log('recall', recall)

const store = await database.open()
const filter = {
  any: [
    { attribute: 'brand', is: 'Bell' },
    { attribute: 'price', below: 50 },
  ],
}
const [found] = await store.search(queries, { k: 2, filter })
console.log(found.map(({ id }) => id).join(' '))
await database.close()
