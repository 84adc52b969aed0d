import type { Served } from '../artifact/index.ts'
import type { Runtime } from '../graph/index.ts'
import { embedItems } from './embed-items.ts'
import { openNearItems, type NearItems } from './near-items.ts'
import { scoreBatch } from './score-batch.ts'
import { checkProgram } from './score-rows.ts'
import type { ScoringEngine } from './scoring-engine.ts'

/** What of a model's artifact scores. */
export interface ModelFiles {
  readonly kind: 'model'
  readonly onnx: Uint8Array
  /** What gives new items their vectors, where items have content. */
  readonly newItemsOnnx?: Uint8Array
  /** What gives the vectors of all items by the parameters of `onnx`, where the model scores items. */
  readonly itemsOnnx?: Uint8Array
}

/** Scores by the graphs of a model. Rejects with `ARTIFACT_INVALID` where a graph is not what the manifest says. */
export async function openModelEngine(
  { onnx, newItemsOnnx, itemsOnnx }: ModelFiles,
  { served, runtime }: { readonly served: Served; readonly runtime: Runtime },
): Promise<ScoringEngine> {
  const program = await runtime.open(onnx)
  checkProgram(program, served)
  const newItems = newItemsOnnx && (await runtime.open(newItemsOnnx))
  let opened: Promise<NearItems> | undefined
  const near = (): Promise<NearItems> =>
    (opened ??= openNearItems({ runtime, itemsOnnx: itemsOnnx!, recommendOnnx: onnx }).catch(
      (error: unknown) => {
        opened = undefined
        throw error
      },
    ))
  return {
    score: (rows, added) => scoreBatch({ program, served, near }, rows, added),
    embed: (columns) => embedItems(newItems, columns, served),
    close: async () => {
      await Promise.all([program.close(), newItems?.close(), opened?.then((own) => own.close())])
    },
  }
}
