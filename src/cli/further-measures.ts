import { RESERVED } from '../codes.ts'
import { isSource, type Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import {
  itemCategories,
  sliceNames,
  type BeyondOptions,
  type RankingOptions,
  type SliceName,
  type SliceOption,
} from '../evaluate/index.ts'
import { nearestWord } from '../options.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import type { TrainingData } from './training-data.ts'

export interface FurtherMeasures {
  readonly slices?: readonly string[]
  readonly diversityBy?: string
  readonly workflow: FittedWorkflow
  /** Those of the items, where what is measured has some: what diversity goes by unless a feature is named. */
  readonly vectors?: () => Promise<BeyondOptions['vectors']>
}

export type Further = Pick<RankingOptions, 'train' | 'beyond' | 'slices'>

/** What `ensuite evaluate` measures beside the accuracy of all sessions: lists beyond accuracy, and the slices that were asked for. */
export async function furtherMeasures(
  parts: Pick<TrainingData, 'train'>,
  { slices = [], diversityBy, workflow, vectors }: FurtherMeasures,
): Promise<Further> {
  const train = await trainingItems(parts.train, diversityBy)
  const items = workflow.schema.items - RESERVED
  const own = diversityBy === undefined ? await vectors?.() : undefined
  return {
    train,
    beyond:
      diversityBy === undefined
        ? { ...(own && { vectors: own }) }
        : { categories: itemCategories(train, { feature: diversityBy, items }) },
    slices: slices.map((name) => sliceOf(name, workflow)),
  }
}

/** Throws `OPTION_UNKNOWN` for a slicing that is none, naming the nearest: before any event is read. */
export function checkSliceNames(slices: readonly string[], { schema }: FittedWorkflow): void {
  const features = Object.keys(schema.categorical)
  const known: readonly string[] = [...sliceNames, ...features]
  const strange = slices.find((name) => !known.includes(name))
  if (strange === undefined) return
  const nearest = nearestWord(strange.slice(0, 100), known)
  throw new EnsuiteError(
    'OPTION_UNKNOWN',
    `--slices: there is no slicing '${strange.slice(0, 100)}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} There are ${sliceNames.join(', ')}, and the categorical features: ${features.join(', ') || 'none'}.`,
  )
}

function sliceOf(name: string, workflow: FittedWorkflow): SliceOption {
  if ((sliceNames as readonly string[]).includes(name)) return name as SliceName
  // Throws for a feature that has no vocabulary.
  const { size, values } = workflow.vocabulary(name)
  return { feature: name, nameOf: (code) => values[code - size + values.length] ?? `bucket ${code}` }
}

/** Items of the training sessions, and one feature of them at most: a prepared folder may hold more than memory does. */
async function trainingItems(train: TrainingData['train'], feature: string | undefined): Promise<Sessions> {
  if (!isSource(train)) return train
  const parts: Pick<Sessions, 'offsets' | 'items' | 'categorical'>[] = []
  for (const block of train.blocks.keys()) {
    const { offsets, items, categorical } = await train.read([block])
    const codes = feature === undefined ? undefined : categorical[feature]
    parts.push({ offsets, items, categorical: codes ? { [feature!]: codes } : {} })
  }
  const joined = (columns: readonly Int32Array[]): Int32Array => {
    const all = new Int32Array(columns.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const column of columns) {
      all.set(column, at)
      at += column.length
    }
    return all
  }
  const lengths = parts.flatMap(({ offsets }) =>
    Array.from(offsets.subarray(1), (end, index) => end - offsets[index]!),
  )
  const offsets = new Int32Array(lengths.length + 1)
  for (const [index, length] of lengths.entries()) offsets[index + 1] = offsets[index]! + length
  const isCoded = feature !== undefined && parts.every(({ categorical }) => categorical[feature])
  return {
    count: lengths.length,
    offsets,
    items: joined(parts.map(({ items }) => items)),
    categorical: isCoded ? { [feature]: joined(parts.map(({ categorical }) => categorical[feature]!)) } : {},
    continuous: {},
    ids: [],
  }
}
