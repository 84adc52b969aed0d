import { isDeepStrictEqual } from 'node:util'
import { RESERVED } from '../codes.ts'
import {
  firstTarget,
  fitSplit,
  measuredCount,
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
import { definitionToJson } from '../workflow/definition-json.ts'
import { openPrepared } from '../workflow/prepared-sessions.ts'
import { timeColumn } from '../workflow/time-column.ts'
import { isPreparedFolder, readManifest } from '../workflow/read-manifest.ts'
import type { Output } from './output.ts'

/** What is trained on: a log of events with what becomes of it, or a folder that `ensuite prepare` wrote. */
export type TrainingInput =
  | {
      readonly events: EventSource
      readonly workflow: Workflow
      readonly split: Split
      /** Whether vocabularies and statistics are learnt from all events, those of the test too. */
      readonly learnFromAll: boolean
      /** What was learnt before, whose codes stay. */
      readonly extend?: FittedWorkflow
    }
  | PreparedInput

interface PreparedInput {
  readonly prepared: string
  /** Refused where the folder is divided. */
  readonly split?: Split
  /** The split of a folder that is not divided, where `split` is not given; default leave-one-out. */
  readonly otherwise?: Split
  readonly functions?: Functions
  /** What it must have been prepared with. */
  readonly workflow?: Workflow | FittedWorkflow
}

/** How the sessions were divided; `prepared` where the files already are. */
export type Division = Split | { readonly kind: 'prepared' }

export interface TrainingData {
  readonly fitted: FittedWorkflow
  readonly train: Sessions | SessionSource
  readonly validation: Sessions
  readonly test: Sessions
  /** What was known before the test: what the floors are fitted on. */
  readonly known: Sessions
  readonly split: Division
  /** Where the training sessions are read in pieces. */
  readonly folder?: DividedFolder
}

/** A divided prepared folder. */
export interface DividedFolder {
  readonly path: string
  /** In all of its parts. */
  readonly events: number
  /** Its training sessions in memory. */
  readonly train: () => Promise<Sessions>
}

export async function loadTrainingData(input: TrainingInput, output: Output): Promise<TrainingData> {
  if ('prepared' in input) return loadPrepared(input, output)
  const { events, workflow, split, learnFromAll, extend } = input
  const learning = extend === undefined ? {} : { extend }
  if (learnFromAll) {
    const { fitted, sessions } = await workflow.fitTransform(events, learning)
    return divided(fitted, sessions, split, output)
  }
  const parts = await fitSplit(workflow, events, split, learning)
  output.note(
    `${parts.train.count} sessions with ${parts.train.items.length} events to train on, ${measuredLine(parts)}, ${parts.fitted.schema.items - RESERVED} items`,
  )
  noteLeak(parts, output)
  return { ...parts, split }
}

/** `400 and 400 to validate and test, of which …`: sessions in which no known event comes before the last are not measured. */
function measuredLine({ validation, test }: Pick<SplitSessions, 'validation' | 'test'>): string {
  const short = [validation, test].map((part) => part.count - measuredCount(part))
  const left = short.some((count) => count > 0)
    ? `, of which ${short.join(' and ')} are left out (one event, or none known before the last)`
    : ''
  return `${validation.count} and ${test.count} to validate and test${left}`
}

/** Says how the split stands to time, where there are times: its figures mean another thing where training knows what came later. */
function noteLeak(parts: SplitSessions, output: Output): void {
  if (parts.train.times === undefined) return
  const { share } = timeLeak(parts)
  if (share > 0) output.note(`${leakLine(share)} --split time does not.`)
}

const leakLine = (share: number): string =>
  `This split trains on what comes after its targets: ${(100 * share).toFixed(1)} % of the training events are later than the first of them.`

/** Whether this is a folder that `ensuite prepare` wrote, also one that lost its `prepared.json`: opening it says so. */
export const isPrepared = async (paths: readonly string[]): Promise<boolean> =>
  paths.length === 1 && (await isPreparedFolder(paths[0]!))

async function loadPrepared(
  { prepared, split, otherwise = { kind: 'leave-one-out' }, functions, workflow }: PreparedInput,
  output: Output,
): Promise<TrainingData> {
  const folder = await openPrepared(prepared, functions && { functions })
  const { definition, schema, parts } = folder
  const said = [definition, workflow?.definition ?? definition].map(definitionToJson)
  if (!isDeepStrictEqual(said[0], said[1]))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${prepared} was prepared with another workflow than that of --config. Leave it out of the config, or prepare the events with it.`,
    )
  const isDivided = parts[0]!.part !== 'all'
  if (isDivided && split !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${prepared} is divided into train, valid and test already. Leave --split out.`,
    )
  if (!isDivided) {
    const all = await folder.sessions()
    return divided(await folder.fitted(), all, split ?? otherwise, output)
  }
  const train = await folder.source({ part: 'train' })
  const validation = await folder.sessions({ part: 'valid' })
  const test = await folder.sessions({ part: 'test' })
  const sessions = train.blocks.reduce((sum, block) => sum + block.sessions, 0)
  output.note(
    `${sessions} sessions to train on, ${measuredLine({ validation, test })}, ${schema.items - RESERVED} items`,
  )
  if (definition.time !== undefined) {
    const first = Math.min(firstTarget(validation), firstTarget(test))
    const { events, later } = await folder.eventsAfter(first, { part: 'train' })
    if (later > 0) output.note(leakLine(later / events))
  }
  const files = parts.filter(({ part }) => part !== 'test').map(({ file }) => file)
  // Times stand beside the features, unless one of these is the time itself.
  const time = timeColumn(definition)
  const hasTimes = time !== undefined && Object.hasOwn(definition.features, time)
  const known = await folder.read(files, [definition.item!, ...(hasTimes ? [time] : [])])
  return {
    // Vocabularies on the heap make reading slower: they come last.
    fitted: await folder.fitted(),
    train,
    validation,
    test,
    // A baseline looks at items alone, their order, and perhaps their times.
    known: {
      count: known.rows,
      offsets: known.offsets,
      items: known.values[0] as Int32Array,
      categorical: {},
      continuous: {},
      ...(hasTimes && { times: Float64Array.from(known.values[1] as Float64Array) }),
      ids: [],
    },
    split: { kind: 'prepared' },
    folder: {
      path: prepared,
      events: (await readManifest(prepared)).events,
      train: () => folder.sessions({ part: 'train' }),
    },
  }
}

function divided(fitted: FittedWorkflow, sessions: Sessions, split: Split, output: Output): TrainingData {
  output.note(
    `${sessions.count} sessions, ${sessions.items.length} events, ${fitted.schema.items - RESERVED} items`,
  )
  const parts = splitSessions(sessions, split)
  noteLeak(parts, output)
  return { fitted, ...parts, split }
}
