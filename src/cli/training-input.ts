import type { Command } from 'commander'
import { EnsuiteError } from '../errors.ts'
import { chooseWorkflow, COLUMN_FLAGS, type WorkflowFlags } from './choose-workflow.ts'
import type { Config } from './config.ts'
import type { Output } from './output.ts'
import { eventSource, list, number, type SourceFlags } from './parse.ts'
import { functionsOf } from './read-functions.ts'
import { isPrepared, type TrainingInput } from './training-data.ts'
import { checkNoSource } from './source-options.ts'
import type { StartingArtifact } from './warm-config.ts'

/** What says which events are trained on, and what becomes of them. */
export type InputFlags = SourceFlags &
  WorkflowFlags &
  Pick<Config, 'workflow'> & {
    readonly learnFrom: 'training' | 'all'
    readonly split: Config['split'] | undefined
    readonly start: StartingArtifact | undefined
  }

const several = (column: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...list(column),
]

/** The options that say what the columns are, the same for every command that trains. */
export function columnOptions(command: Command): Command {
  return command
    .option('--session <column>', 'column of the session or user; guessed unless given')
    .option('--item <column>', 'column of the item; guessed unless given')
    .option('--time <column>', 'column of the time; without it the order of the file counts')
    .option(
      '--categorical <column>',
      'a side feature of the event; may be given several times, or several between commas; one with commas or spaces at its ends between quotes',
      several,
    )
    .option(
      '--continuous <column>',
      'a number of the event, normalised on what is learnt from; likewise',
      several,
    )
    .option('--min-count <n>', 'items with fewer events are unknown', number, 1)
}

/** The events, or the prepared folder, that flags name. Throws `OPTION_INVALID` for flags that a prepared folder leaves nothing to say to. */
export async function trainingInput(
  paths: readonly string[],
  flags: InputFlags,
  output: Output,
): Promise<TrainingInput> {
  const { split, workflow, start } = flags
  if (await isPrepared(paths)) {
    checkNoSource(paths[0]!, flags)
    const unused = COLUMN_FLAGS.find((name) => flags[name] !== undefined)
    if (unused !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${paths[0]!} is prepared, its workflow is in it. Leave --${unused} out.`,
      )
    if (flags.minCount !== 1 || flags.learnFrom !== 'training')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${paths[0]!} is prepared, and what it learnt is in it. Leave --min-count and --learn-from out.`,
      )
    return {
      prepared: paths[0]!,
      ...(split && { split }),
      ...(workflow ? { workflow, functions: workflow.definition.functions } : await functionsOf(flags)),
    }
  }
  const source = eventSource(paths, flags)
  return {
    events: source,
    workflow: await chooseWorkflow(source, flags, output),
    split: split ?? { kind: 'leave-one-out' },
    learnFromAll: flags.learnFrom === 'all',
    ...(start && { extend: start.artifact.workflow }),
  }
}
