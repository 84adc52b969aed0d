import type { ItemVectors } from '../rules/index.ts'
import type { ShopModel } from './answer-by-rules.ts'

/** The vectors of a model's items as rules ask for them, at once: those that were looked up before. */
export interface ModelVectors {
  readonly vectors: ItemVectors
  /** Gets those that are not there yet, of items that the model knows. */
  readonly lookUp: (items: readonly string[]) => Promise<void>
}

/** For one answer, or several of one request. */
export function modelVectors({
  columnOf,
  vectorsOf,
}: Required<Pick<ShopModel, 'columnOf' | 'vectorsOf'>>): ModelVectors {
  const found = new Map<string, Float32Array>()
  return {
    vectors: (item) => found.get(item),
    lookUp: async (items) => {
      const missing = [...new Set(items)].filter((item) => !found.has(item) && columnOf(item) >= 0)
      if (missing.length === 0) return
      const all = await vectorsOf(Int32Array.from(missing, columnOf))
      const size = all.length / missing.length
      for (const [at, item] of missing.entries()) found.set(item, all.subarray(at * size, (at + 1) * size))
    },
  }
}
