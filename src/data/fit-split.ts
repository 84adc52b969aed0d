import { EnsuiteError } from '../errors.ts'
import type { EventSource } from '../events/event-source.ts'
import type { FitOptions, FittedWorkflow, SessionSpans, Workflow } from '../workflow/index.ts'
import { sessionLength, type Sessions } from './sessions.ts'
import type { SplitSessions } from './splits/split-kind.ts'
import { kindOf, splitSessions, type Split } from './splits/split-sessions.ts'

export interface FittedSplit extends SplitSessions {
  readonly fitted: FittedWorkflow
}

/**
 * Divides the sessions of a source, and learns vocabularies and statistics from the part that trains and from nothing else: the files are read once.
 * Where a feature keeps an event's own target out while training (`targetEncode`), the training part has it so and the others have it as it is served.
 * Throws what `fit` and `splitSessions` throw.
 */
export async function fitSplit(
  workflow: Workflow,
  source: EventSource,
  split: Split,
  options: Omit<FitOptions, 'trained'> = {},
): Promise<FittedSplit> {
  if (typeof (workflow as Partial<Workflow> | undefined)?.fitTransform !== 'function')
    throw new EnsuiteError(
      'OPTION_INVALID',
      `fitSplit expects what workflow({ … }) gives, received ${isFitted(workflow) ? 'a fitted workflow, which learns nothing more' : 'something else'}. ` +
        'Give the workflow that is to be fitted; sessions of one that is: splitSessions(await fitted.transform(events), split).',
    )
  // Before any event is read.
  kindOf(split)
  const { fitted, sessions, training } = await workflow.fitTransform(source, {
    ...options,
    trained: (spans) => trainedEvents(spans, split),
  })
  const parts = splitSessions(sessions, split)
  const train = training === sessions ? parts.train : splitSessions(training, split).train
  return { fitted, ...parts, train }
}

const isFitted = (value: unknown): boolean => 'states' in (Object(value) as object)

/** How many of the first events of each session train: [sessions]. */
function trainedEvents({ offsets, times }: SessionSpans, split: Split): Int32Array {
  const count = offsets.length - 1
  // Sessions without anything in them but their lengths and times: what a split looks at.
  const bare: Sessions = {
    count,
    offsets,
    items: new Int32Array(offsets[count]!),
    categorical: {},
    continuous: {},
    ...(times !== undefined && { times }),
    ids: Array.from({ length: count }, (_, index) => String(index)),
  }
  const { train } = splitSessions(bare, split)
  const trained = new Int32Array(count)
  for (const [index, id] of train.ids.entries()) trained[Number(id)] = sessionLength(train, index)
  return trained
}
