import { isDeepStrictEqual } from 'node:util'
import { Command } from 'commander'
import { RESERVED } from '../../codes.ts'
import { fitBaseline, loadModel, readAnyArtifact, type AnyArtifact } from '../../artifact/index.ts'
import { splitSessions } from '../../data/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { itemVectors, sliceNames, type SessionRanks } from '../../evaluate/index.ts'
import { nodeRuntime } from '../../graph/node.ts'
import type { FittedWorkflow } from '../../workflow/index.ts'
import { chosenBaselines } from '../chosen-baselines.ts'
import { evaluateBaselines } from '../evaluate-baselines.ts'
import { evaluateFitted } from '../evaluate-fitted.ts'
import { cutoffs, evaluateModel, type EvaluateOptions, type Evaluation } from '../evaluate-model.ts'
import { keepEvaluation } from '../keep-evaluation.ts'
import { beyondTable } from '../beyond-table.ts'
import { checkRunOf } from '../check-run-of.ts'
import { checkSliceNames, furtherMeasures, type Further } from '../further-measures.ts'
import { headLines, headsTable } from '../heads-table.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'
import { createOutput, protocolLine, rankingTable, type Output } from '../output.ts'
import { slicesTables } from '../slices-tables.ts'
import { eventSource, list, numbers, seed, type SourceFlags } from '../parse.ts'
import { checkNoSource, sourceOptions } from '../source-options.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from '../split-options.ts'
import { isPrepared, loadTrainingData, type Division, type TrainingData } from '../training-data.ts'
import { trainedMeasures } from '../trained-measures.ts'
import { trainedSplit } from '../trained-split.ts'

interface Flags extends SourceFlags, SplitFlags {
  readonly seed?: number
  readonly k?: readonly number[]
  readonly filterSeen: boolean
  readonly keepSeen: boolean
  readonly baselines?: string
  readonly slices?: readonly string[]
  readonly diversityBy?: string
  readonly functions?: string
  readonly run?: string
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite evaluate artifacts/shop clicks.csv
  $ ensuite evaluate artifacts/shop clicks.csv --split random --k 5,10,20 --keep-seen --json
  $ ensuite evaluate artifacts/shop clicks.csv --slices length,popularity,day,country --diversity-by category
  $ ensuite evaluate artifacts/shop clicks.csv --baselines vstan,item-knn
  $ ensuite evaluate artifacts/shop clicks.csv --baselines '[{"kind": "vsknn", "options": {"neighbours": 500}}]'`

/** `ensuite evaluate`: an artifact's test figures on a file of events, beside the floors. */
export function evaluateCommand(): Command {
  const command = sourceOptions(
    new Command('evaluate')
      .description('measure an artifact on events, beside popularity and a Markov chain')
      .argument('<artifact>', 'folder written by train'),
  )
  return splitOptions(command, 'that of the training unless given')
    .option('--seed <n>', 'of a random split; that of the training unless given', seed)
    .option('-k, --k <list>', 'cutoffs of the metrics; those of the training unless given', numbers)
    .option('--filter-seen', 'items that the session has had are no candidates')
    .option('--keep-seen', 'items that the session has had stay candidates; as in the training unless given')
    .option(
      '--baselines <list>',
      'recommenders without a network beside it: all, names between commas, or a JSON list of { kind, options }',
    )
    .option(
      '--slices <list>',
      `measure groups of sessions apart: ${sliceNames.join(', ')}, or categorical features`,
      list,
    )
    .option(
      '--diversity-by <feature>',
      "categorical feature that makes two items of a list alike or not; the model's own vectors unless given",
    )
    .option(...FUNCTIONS_OPTION)
    .option('--run <folder>', 'keep the figures in the run folder of the training, too')
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', `${splitHelp}\n${EXAMPLES}`)
    .action(async (artifact: string, events: readonly string[], flags: Flags) => {
      if (flags.filterSeen && flags.keepSeen)
        throw new EnsuiteError(
          'OPTION_INVALID',
          '--filter-seen and --keep-seen exclude each other. Give one of them.',
        )
      const chosen = flags.baselines === undefined ? undefined : chosenBaselines(flags.baselines)
      const output = createOutput(flags)
      const functions = await functionsOf(flags)
      const opened = await readAnyArtifact(artifact, functions)
      if (flags.slices !== undefined) checkSliceNames(flags.slices, opened.workflow)
      if (flags.run !== undefined) await checkRunOf(opened, { artifact, run: flags.run })
      const trained = trainedSplit(opened.metrics)
      const parts = await testParts(events, flags, opened.workflow, trained)
      const { split } = parts
      const isAnother = trained !== undefined && !isDeepStrictEqual(trained, split)
      if (isAnother && flags.run !== undefined)
        throw new EnsuiteError(
          'OPTION_INVALID',
          `The figures of ${flags.run} are of the split that its training had (${described(trained)}), and these would be of another. Leave the split as it was, or leave --run out.`,
        )
      if (isAnother)
        output.note(
          `It was trained with another split (${described(trained)}): it may have learnt from what is measured here.`,
        )
      const own = trainedMeasures(opened)
      const ks = cutoffs(flags.k ?? own.ks, opened.workflow.schema.items - RESERVED)
      const filterSeen = flags.keepSeen ? false : flags.filterSeen ? true : (own.filterSeen ?? true)
      let ranks: SessionRanks | undefined
      const onRanks = (found: SessionRanks): void => void (ranks = found)
      const { kind, result, more } = await evaluated(opened, {
        flags,
        options: { ...parts, ks, filterSeen, onRanks },
      })
      const { floors, heads } = result
      const { items } = result.model
      const baselines =
        chosen &&
        (await evaluateBaselines(
          chosen,
          { known: parts.known, test: parts.test, items, ks, filterSeen, more },
          output,
        ))
      if (flags.run !== undefined)
        await keepEvaluation(flags.run, result, { ranks, sessions: parts.test, baselines })
      const measured = {
        ...result.model,
        floors,
        ...(baselines && { baselines }),
        ...(heads && { heads }),
        split,
      }
      const all = {
        [kind]: result.model,
        ...baselines,
        markov: floors.markov,
        popularity: floors.popularity,
      }
      const accuracy = ks.flatMap((k) => [`ndcg@${k}`, `recall@${k}`])
      output.result(measured, () =>
        [
          rankingTable(all, accuracy),
          `${protocolLine(result.model, split)}.`,
          beyondTable(all, ks[0]!),
          ...slicesTables(result.model, accuracy.slice(0, 2)),
          ...(heads ? [headsTable(heads, { model: kind }), headLines(heads)] : []),
        ].join('\n'),
      )
    })
}

/** What was measured, and what it is called: the kind of a model's block, or of a baseline. */
async function evaluated(
  artifact: AnyArtifact,
  { flags, options }: { readonly flags: Flags; readonly options: Omit<EvaluateOptions, 'runtime' | 'more'> },
): Promise<{ readonly kind: string; readonly result: Evaluation; readonly more: Further }> {
  const { workflow } = artifact
  if ('baseline' in artifact) {
    const more = await furtherMeasures(options, { ...flags, workflow })
    return {
      // Beside one of the same kind that is fitted on these events.
      kind: `${artifact.baseline.kind} (saved)`,
      result: await evaluateFitted(fitBaseline(artifact), { ...options, more }),
      more,
    }
  }
  const runtime = nodeRuntime()
  const loaded = loadModel(artifact)
  const vectors = () => itemVectors(loaded.model, runtime, loaded.weights)
  const more = await furtherMeasures(options, { ...flags, workflow, vectors })
  return {
    kind: loaded.model.block.kind,
    result: await evaluateModel(loaded, { ...options, runtime, more }),
    more,
  }
}

type TestParts = Pick<TrainingData, 'split' | 'train' | 'known' | 'test'>

/** The test part of a prepared folder, or of a log by the split that was asked for or trained with. */
async function testParts(
  paths: readonly string[],
  flags: Flags,
  workflow: FittedWorkflow,
  trained: Division | undefined,
): Promise<TestParts> {
  const asked = chosenSplit(flags, flags.seed ?? (trained?.kind === 'random' ? trained.seed : 1))
  const again =
    trained === undefined || trained.kind === 'prepared' ? { kind: 'leave-one-out' as const } : trained
  const split =
    asked ?? (again.kind === 'random' && flags.seed !== undefined ? { ...again, seed: flags.seed } : again)
  if (await isPrepared(paths)) {
    checkNoSource(paths[0]!, flags)
    const quiet: Output = { json: true, live: false, result: () => undefined, note: () => undefined }
    const data = await loadTrainingData(
      {
        ...{ prepared: paths[0]!, otherwise: split, functions: workflow.definition.functions },
        ...(asked && { split: asked }),
      },
      quiet,
    )
    checkSeed(flags, data.split)
    if (JSON.stringify(data.fitted) === JSON.stringify(workflow)) return data
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${paths[0]!} was prepared with another workflow than the artifact's: its codes mean other items. Prepare it with the workflow.json of the artifact.`,
    )
  }
  checkSeed(flags, split)
  return { ...splitSessions(await workflow.transform(eventSource(paths, flags)), split), split }
}

function checkSeed({ seed }: Flags, split: Division): void {
  if (seed === undefined || split.kind === 'random') return
  const what = split.kind === 'prepared' ? 'these files are divided already' : `this is ${split.kind}`
  throw new EnsuiteError('OPTION_INVALID', `--seed is of a random split, and ${what}. Leave it out.`)
}

/** `random, validation 0.1, test 0.1, seed 1` */
const described = ({ kind, ...options }: Division): string =>
  [kind, ...Object.entries(options).map(([name, value]) => `${name} ${String(value)}`)].join(', ')
