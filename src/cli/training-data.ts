import { readdir } from 'node:fs/promises'
import { RESERVED } from '../codes.ts'
import {
  fitSplit,
  splitSessions,
  timeLeak,
  type Sessions,
  type SessionSource,
  type Split,
  type SplitSessions,
} from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { EventSource } from '../events/index.ts'
import type { Functions } from '../expressions/index.ts'
import type { FittedWorkflow, Workflow } from '../workflow/index.ts'
import { openPrepared } from '../workflow/prepared-sessions.ts'
import type { Output } from './output.ts'

/** What is trained on: a log of events with what becomes of it, or a folder that `ensuite prepare` wrote. */
export type TrainingInput =
  | {
      readonly events: EventSource
      readonly workflow: Workflow
      readonly split: Split
      /** Whether vocabularies and statistics are learnt from all events, those of the test too. */
      readonly learnFromAll: boolean
    }
  | { readonly prepared: string; readonly split?: Split; readonly functions?: Functions }

/** How the sessions were divided: the name of a split, or `prepared` where the files already are. */
export interface SplitName {
  readonly kind: Split['kind'] | 'prepared'
  readonly seed?: number
}

export interface TrainingData {
  readonly fitted: FittedWorkflow
  readonly train: Sessions | SessionSource
  readonly validation: Sessions
  readonly test: Sessions
  /** What was known before the test: what the floors are fitted on. */
  readonly known: Sessions
  readonly split: SplitName
}

export async function loadTrainingData(input: TrainingInput, output: Output): Promise<TrainingData> {
  if ('prepared' in input) return loadPrepared(input, output)
  const { events, workflow, split, learnFromAll } = input
  if (learnFromAll) {
    const { fitted, sessions } = await workflow.fitTransform(events)
    return divided(fitted, sessions, split, output)
  }
  const parts = await fitSplit(workflow, events, split)
  output.note(
    `${parts.train.count} sessions with ${parts.train.items.length} events to train on, ${parts.validation.count} and ${parts.test.count} to validate and test, ${parts.fitted.schema.items - RESERVED} items`,
  )
  noteLeak(parts, output)
  return { ...parts, split: splitName(split) }
}

/** Says how the split stands to time, where there are times: its figures mean another thing where training knows what came later. */
function noteLeak(parts: SplitSessions, output: Output): void {
  if (parts.train.times === undefined) return
  const { leaks, share } = timeLeak(parts)
  if (leaks)
    output.note(
      `This split trains on what comes after its targets: ${(100 * share).toFixed(1)} % of the training events are later than the first of them. --split time does not.`,
    )
}

const splitName = (split: Split): SplitName => ({
  kind: split.kind,
  ...(split.kind === 'random' && { seed: split.seed }),
})

/** Whether this is a folder that `ensuite prepare` wrote. */
export async function isPrepared(paths: readonly string[]): Promise<boolean> {
  if (paths.length !== 1) return false
  const names = await readdir(paths[0]!).catch((): string[] => [])
  return names.includes('prepared.json')
}

async function loadPrepared(
  {
    prepared,
    split,
    functions,
  }: { readonly prepared: string; readonly split?: Split; readonly functions?: Functions },
  output: Output,
): Promise<TrainingData> {
  const folder = await openPrepared(prepared, functions && { functions })
  const { fitted, parts } = folder
  const isDivided = parts[0]!.part !== 'all'
  if (isDivided && split !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${prepared} is divided into train, valid and test already. Leave --split out.`,
    )
  if (!isDivided) return divided(fitted, await folder.sessions(), split ?? { kind: 'leave-one-out' }, output)
  const train = await folder.source({ part: 'train' })
  const validation = await folder.sessions({ part: 'valid' })
  const test = await folder.sessions({ part: 'test' })
  const sessions = train.blocks.reduce((sum, block) => sum + block.sessions, 0)
  output.note(
    `${sessions} sessions to train on, ${validation.count} and ${test.count} to validate and test, ${fitted.schema.items - RESERVED} items`,
  )
  const { item } = fitted.definition
  const files = parts.filter(({ part }) => part !== 'test').map(({ file }) => file)
  const known = await folder.read(files, [item!])
  return {
    fitted,
    train,
    validation,
    test,
    // A floor looks at items alone, and their order.
    known: {
      count: known.rows,
      offsets: known.offsets,
      items: known.values[0] as Int32Array,
      categorical: {},
      continuous: {},
      ids: [],
    },
    split: { kind: 'prepared' },
  }
}

function divided(fitted: FittedWorkflow, sessions: Sessions, split: Split, output: Output): TrainingData {
  output.note(
    `${sessions.count} sessions, ${sessions.items.length} events, ${fitted.schema.items - RESERVED} items`,
  )
  const parts = splitSessions(sessions, split)
  noteLeak(parts, output)
  return { fitted, ...parts, split: splitName(split) }
}
