import type { AttributeValue, VectorRow, VectorSchema } from './vector-store.ts'

/**
 * Rows in memory. A row that is replaced or deleted leaves its place dead, so that what was made of the first places stays true of them, until too many are: then the rows get new places.
 */
export interface VectorTable {
  readonly schema: Required<VectorSchema>
  /** How often the rows have got new places. */
  readonly generation: number
  /** Places that are taken, the dead ones too. */
  readonly size: number
  /** Rows that live. */
  readonly count: number
  /** [≥ size · dimensions]: the vectors, one after the other. */
  readonly vectors: Float32Array
  /** [size]: what a score is multiplied by: 1 ÷ length of the vector for `cosine`, else 1. */
  readonly scales: Float32Array
  readonly ids: readonly string[]
  readonly columns: Readonly<Record<string, readonly AttributeValue[]>>
  /** [size]: 1 at the places whose rows live. A view: what happens next changes it. */
  readonly alive: Uint8Array
  /** How often the rows have changed. */
  readonly changes: number
  placeOf(id: string): number | undefined
  rowAt(place: number): VectorRow
  upsert(rows: readonly VectorRow[]): void
  delete(ids: readonly string[]): void
  /** To be called after each call of a store, by who replays them too, so that places are the same. */
  settle(): void
  /** Ids of the rows that live, in the order of their places. */
  living(): readonly string[]
}

const FIRST_CAPACITY = 1024

/** More dead places than living ones, and than these, are cleared away. */
const MOST_DEAD = 4096

/** An empty table. */
export function createVectorTable(schema: Required<VectorSchema>): VectorTable {
  const { dimensions, similarity } = schema
  const names = Object.keys(schema.attributes)
  let vectors = new Float32Array(FIRST_CAPACITY * dimensions)
  let scales = new Float32Array(FIRST_CAPACITY)
  let alive = new Uint8Array(FIRST_CAPACITY)
  let generation = 0
  let changes = 0
  let ids: string[] = []
  const places = new Map<string, number>()
  const columns: Record<string, AttributeValue[]> = Object.fromEntries(names.map((name) => [name, []]))

  const grow = (): void => {
    if (ids.length < scales.length) return
    const capacity = 2 * scales.length
    vectors = grown(vectors, new Float32Array(capacity * dimensions))
    scales = grown(scales, new Float32Array(capacity))
    alive = grown(alive, new Uint8Array(capacity))
  }
  const kill = (id: string): void => {
    const place = places.get(id)
    if (place === undefined) return
    alive[place] = 0
    places.delete(id)
  }
  const clear = (): void => {
    const kept = [...places.values()].sort((one, other) => one - other)
    if (ids.length - kept.length <= Math.max(MOST_DEAD, kept.length)) return
    for (const [at, place] of kept.entries()) {
      vectors.copyWithin(at * dimensions, place * dimensions, (place + 1) * dimensions)
      scales[at] = scales[place]!
      for (const name of names) columns[name]![at] = columns[name]![place]!
    }
    ids = kept.map((place) => ids[place]!)
    for (const name of names) columns[name]!.length = ids.length
    for (const [at, id] of ids.entries()) places.set(id, at)
    alive.fill(1, 0, ids.length)
    alive.fill(0, ids.length)
    generation++
  }
  return {
    schema,
    get generation() {
      return generation
    },
    get size() {
      return ids.length
    },
    get count() {
      return places.size
    },
    get vectors() {
      return vectors
    },
    get scales() {
      return scales
    },
    get ids() {
      return ids
    },
    columns,
    get alive() {
      return alive.subarray(0, ids.length)
    },
    get changes() {
      return changes
    },
    placeOf: (id) => places.get(id),
    rowAt: (place) => ({
      id: ids[place]!,
      vector: vectors.slice(place * dimensions, (place + 1) * dimensions),
      attributes: Object.fromEntries(names.map((name) => [name, columns[name]![place]!])),
    }),
    upsert: (rows) => {
      changes++
      for (const { id, vector, attributes } of rows) {
        kill(id)
        grow()
        const place = ids.length
        vectors.set(vector, place * dimensions)
        scales[place] = similarity === 'cosine' ? 1 / lengthOf(vector) : 1
        alive[place] = 1
        ids.push(id)
        places.set(id, place)
        for (const name of names) columns[name]!.push(attributes![name]!)
      }
    },
    delete: (gone) => {
      changes++
      for (const id of gone) kill(id)
    },
    settle: clear,
    living: () => ids.filter((_, place) => alive[place] === 1),
  }
}

function grown<Values extends Float32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from)
  return to
}

/** √Σv²; 1 for a vector of zeros, whose scores are 0. */
export function lengthOf(vector: Float32Array): number {
  let sum = 0
  for (let at = 0; at < vector.length; at++) sum += vector[at]! * vector[at]!
  return sum === 0 ? 1 : Math.sqrt(sum)
}
