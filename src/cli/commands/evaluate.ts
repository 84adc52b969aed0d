import { Command } from 'commander'
import { RESERVED } from '../../codes.ts'
import { loadModel, readArtifact, type Artifact } from '../../artifact/index.ts'
import { splitSessions } from '../../data/index.ts'
import { weightFeeds } from '../../evaluate/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { nodeRuntime } from '../../graph/node.ts'
import { createOutput, protocolLine, rankingTable } from '../output.ts'
import { eventSource, number, numbers, splitNamed, type SourceFlags } from '../parse.ts'
import { sourceOptions } from '../source-options.ts'
import { cutoffs, evaluate } from '../training-run.ts'

interface Flags extends SourceFlags {
  readonly split?: string
  readonly seed?: number
  readonly k?: readonly number[]
  readonly filterSeen: boolean
  readonly keepSeen: boolean
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
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (artifact: string, events: readonly string[], flags: Flags) => {
      if (flags.filterSeen && flags.keepSeen)
        throw new EnsuiteError(
          'OPTION_INVALID',
          '--filter-seen and --keep-seen exclude each other. Give one of them.',
        )
      const output = createOutput(flags)
      const opened = await readArtifact(artifact)
      const trained = trainedSplit(opened.metrics)
      const kind = flags.split ?? trained?.kind ?? 'leave-one-out'
      const seed = flags.seed ?? trained?.seed ?? 1
      const split = splitNamed(kind, seed)
      if (trained !== undefined && (trained.kind !== kind || (kind === 'random' && trained.seed !== seed)))
        output.note(
          `It was trained with another split (${trained.kind}${trained.seed === undefined ? '' : `, seed ${trained.seed}`}): it may have learnt from what is measured here.`,
        )
      const loaded = loadModel(opened)
      const sessions = await opened.workflow.transform(eventSource(events, flags))
      const parts = splitSessions(sessions, split)
      const ks = cutoffs(flags.k, loaded.model.schema.items - RESERVED)
      const result = await evaluate(loaded.model, weightFeeds(loaded.model, loaded.weights), nodeRuntime(), {
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

/** The split that an artifact was trained with, as its metrics say. */
function trainedSplit(
  metrics: Artifact['metrics'],
): { readonly kind: string; readonly seed?: number } | undefined {
  const test = metrics?.['test'] as { readonly split?: unknown; readonly seed?: unknown } | undefined
  if (typeof test?.split !== 'string') return undefined
  return { kind: test.split, ...(typeof test.seed === 'number' && { seed: test.seed }) }
}
