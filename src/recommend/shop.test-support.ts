import { tiny } from '../artifact/tiny-model.test-support.ts'
import { createAddedItems } from './added-items.ts'
import { rankRow } from './rank-row.ts'
import { createRecommender } from './create-recommender.ts'
import type { Recommender } from './recommender.ts'
import { receivedCandidates, sentCandidates } from './sent-candidates.ts'
import type { SessionRow } from './session-row.ts'

const workflows = new Map<number, ReturnType<typeof tiny>['workflow']>()

/** A recommender over items `i0`, `i1`, … that scores every session with these scores, and sends candidates as the worker is sent them. The vectors of three items each, by their columns, point one way. `newItems`: those that were added since training, of the last scores. `asked`: rows that were scored. */
export function recommenderOf(
  scores: readonly number[],
  newItems: readonly string[] = [],
): {
  readonly recommender: Recommender
  readonly asked: SessionRow[]
} {
  const asked: SessionRow[] = []
  const [sent, received] = [sentCandidates(), receivedCandidates()]
  const items = scores.length - newItems.length
  const workflow = workflows.get(items) ?? tiny({ items }).workflow
  workflows.set(items, workflow)
  const added = createAddedItems(1)
  added.put(newItems, new Float32Array(newItems.length))
  const recommender = createRecommender({
    workflow,
    maxLength: 6,
    served: { inputs: ['items'], optionalInputs: [], optionalOutputs: [], items, dimensions: 1, heads: [] },
    added,
    scorer: {
      embed: () => Promise.resolve(new Float32Array(0)),
      score: (row) => {
        asked.push(row as SessionRow)
        if ('vectorsOf' in row) {
          const size = Math.ceil(scores.length / 3)
          const vectors = new Float32Array(row.vectorsOf.length * size)
          for (const [at, column] of row.vectorsOf.entries()) vectors[at * size + Math.floor(column / 3)] = 1
          const none = { columns: new Int32Array(0), scores: new Float32Array(0), predictions: {} }
          return Promise.resolve({ ...none, vectors })
        }
        const [own] = received(sent([row]))
        const ranked = rankRow(Float32Array.from(scores), own!, new Uint8Array(scores.length))
        return Promise.resolve({ ...ranked, predictions: {} })
      },
      close: () => Promise.resolve(),
    },
  })
  return { recommender, asked }
}

/** As `recommenderOf`, of n items, `i0` with the highest score. */
export const fallingScores = (n: number): readonly number[] =>
  Array.from({ length: n }, (_, at) => (n - at) / 10)
