import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { gpt2, sasrec, type Block } from '../blocks/index.ts'
import { nextItem } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model, type Model } from '../model.ts'
import { createRandom } from '../random.ts'
import { fittedWorkflowFromJson } from '../workflow/fitted-workflow-from-json.ts'
import type { FittedWorkflow } from '../workflow/index.ts'

export const tinyBlocks: Readonly<Record<string, () => Block<'causal'>>> = {
  gpt2: () => gpt2({ width: 8, layers: 2, heads: 2 }),
  sasrec: () => sasrec({ width: 8, layers: 2, heads: 2 }),
}

export interface TinyOptions {
  readonly block?: keyof typeof tinyBlocks
  readonly items?: number
  readonly categorical?: boolean
  readonly maxLength?: number
  readonly seed?: number
}

export interface Tiny {
  readonly model: Model
  readonly weights: Readonly<Record<string, Float32Array>>
  readonly workflow: FittedWorkflow
}

/** An untrained model over items `i0`, `i1`, … (and `colour`), with large random weights, so that every input matters. */
export function tiny(options: TinyOptions = {}): Tiny {
  const { block = 'sasrec', items = 30, categorical = false, maxLength = 6, seed = 1 } = options
  const vocabulary = (values: readonly string[]): object => ({
    values,
    counts: values.map((_, at) => values.length - at),
  })
  const workflow = fittedWorkflowFromJson({
    version: 1,
    options: { session: 'session', item: 'item', categorical: categorical ? ['colour'] : [], minCount: 1 },
    vocabularies: {
      item: vocabulary(Array.from({ length: items }, (_, at) => `i${at}`)),
      ...(categorical && { colour: vocabulary(['red', 'green', 'blue']) }),
    },
  })
  const made = model(workflow.schema, {
    masking: causal(),
    block: tinyBlocks[block]!(),
    head: nextItem(),
    maxLength,
  })
  const weights = made.parameters.map(({ name, shape }, at) => {
    const random = createRandom(seed, at)
    const values = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
    return [name, values.map(() => 0.4 * random.normal())] as const
  })
  return { model: made, weights: Object.fromEntries(weights), workflow }
}

/** An empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ensuite-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
