import { Command } from 'commander'
import { RESERVED } from '../../codes.ts'
import { loadModel, readArtifact, type Artifact } from '../../artifact/index.ts'
import { splitSessions, type Sessions } from '../../data/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { nodeRuntime } from '../../graph/node.ts'
import type { FittedWorkflow } from '../../workflow/index.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'
import { createOutput, protocolLine, rankingTable, type Output } from '../output.ts'
import { eventSource, number, numbers, splitNamed, type SourceFlags } from '../parse.ts'
import { sourceOptions } from '../source-options.ts'
import { isPrepared, loadTrainingData, type SplitName } from '../training-data.ts'
import { cutoffs, evaluate } from '../training-run.ts'

interface Flags extends SourceFlags {
  readonly split?: string
  readonly seed?: number
  readonly k?: readonly number[]
  readonly filterSeen: boolean
  readonly keepSeen: boolean
  readonly functions?: string
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite evaluate artifacts/shop clicks.csv
  $ ensuite evaluate artifacts/shop clicks.csv --split random --k 5,10,20 --keep-seen --json`

/** `ensuite evaluate`: an artifact's test figures on a file of events, beside the floors. */
export function evaluateCommand(): Command {
  return sourceOptions(
    new Command('evaluate')
      .description('measure an artifact on events, beside popularity and a Markov chain')
      .argument('<artifact>', 'folder written by train'),
  )
    .option(
      '--split <kind>',
      'leave-one-out, random or time: which events are the test; that of the training unless given',
    )
    .option('--seed <n>', 'of a random split; that of the training unless given', number)
    .option('-k, --k <list>', 'cutoffs of the metrics (10,20 unless given)', numbers)
    .option('--filter-seen', 'items that the session has had are no candidates (the default)')
    .option('--keep-seen', 'items that the session has had stay candidates')
    .option(...FUNCTIONS_OPTION)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (artifact: string, events: readonly string[], flags: Flags) => {
      if (flags.filterSeen && flags.keepSeen)
        throw new EnsuiteError(
          'OPTION_INVALID',
          '--filter-seen and --keep-seen exclude each other. Give one of them.',
        )
      const output = createOutput(flags)
      const functions = await functionsOf(flags)
      const opened = await readArtifact(artifact, functions)
      const trained = trainedSplit(opened.metrics)
      const parts = await testParts(events, flags, opened.workflow, trained)
      const { split } = parts
      if (
        trained !== undefined &&
        (trained.kind !== split.kind || (split.kind === 'random' && trained.seed !== split.seed))
      )
        output.note(
          `It was trained with another split (${trained.kind}${trained.seed === undefined ? '' : `, seed ${trained.seed}`}): it may have learnt from what is measured here.`,
        )
      const loaded = loadModel(opened)
      const ks = cutoffs(flags.k, loaded.model.schema.items - RESERVED)
      const result = await evaluate(loaded.model, loaded.weights, nodeRuntime(), {
        split,
        known: parts.known,
        test: parts.test,
        ks,
        filterSeen: !flags.keepSeen,
      })
      output.result({ ...result.model, floors: result.floors, split: result.split }, () =>
        [
          rankingTable(
            {
              [loaded.model.block.kind]: result.model,
              markov: result.floors.markov,
              popularity: result.floors.popularity,
            },
            ks.flatMap((k) => [`ndcg@${k}`, `recall@${k}`]),
          ),
          `${protocolLine(result.model, result.split)}.`,
        ].join('\n'),
      )
    })
}

interface TestParts {
  readonly test: Sessions
  readonly known: Sessions
  readonly split: SplitName
}

/** The test part of a prepared folder, or of a log by the split that was asked for or trained with. */
async function testParts(
  paths: readonly string[],
  flags: Flags,
  workflow: FittedWorkflow,
  trained: { readonly kind: string; readonly seed?: number } | undefined,
): Promise<TestParts> {
  const seed = flags.seed ?? trained?.seed ?? 1
  const kind = flags.split ?? (trained?.kind === 'prepared' ? undefined : trained?.kind)
  if (await isPrepared(paths)) {
    const split = flags.split === undefined ? undefined : splitNamed(flags.split, seed)
    const quiet: Output = { json: true, live: false, result: () => undefined, note: () => undefined }
    const data = await loadTrainingData(
      { prepared: paths[0]!, ...(split && { split }), functions: workflow.definition.functions },
      quiet,
    )
    if (JSON.stringify(data.fitted) === JSON.stringify(workflow)) return data
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${paths[0]!} was prepared with another workflow than the artifact's: its codes mean other items. Prepare it with the workflow.json of the artifact.`,
    )
  }
  const split = splitNamed(kind ?? 'leave-one-out', seed)
  return {
    ...splitSessions(await workflow.transform(eventSource(paths, flags)), split),
    split: { kind: split.kind, ...(split.kind === 'random' && { seed }) },
  }
}

/** The split that an artifact was trained with, as its metrics say. */
function trainedSplit(
  metrics: Artifact['metrics'],
): { readonly kind: string; readonly seed?: number } | undefined {
  const test = metrics?.['test'] as { readonly split?: unknown; readonly seed?: unknown } | undefined
  if (typeof test?.split !== 'string') return undefined
  return { kind: test.split, ...(typeof test.seed === 'number' && { seed: test.seed }) }
}
