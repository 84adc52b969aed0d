import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { blockKinds, type BlockKind } from '../src/blocks/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import {
  blocksTable,
  parameterDifferences,
  sweepTable,
  type BlockResult,
  type SweepResult,
} from './blocks-report.ts'
import { nameOf, WARM_UP, type Configuration } from './configurations.ts'
import { compete, warmUp, type Contestant } from './contestant.ts'
import { count, counts, note } from './flags.ts'
import { blockCase, ourBlock, parametersOf } from './our-block.ts'
import { findPython, type Waiting } from './python.ts'
import type { Turn } from './statistics.ts'
import { startTorchBlocks, type TorchBlocks } from './torch-blocks.ts'

interface Flags extends Configuration {
  readonly only?: readonly BlockKind[]
  readonly python?: string
  readonly threads: number
  readonly rounds: number
  readonly steps: number
  readonly waiting: Waiting
  readonly fastGelu: boolean
  readonly sweep: boolean
  readonly times: readonly number[]
  readonly widths: readonly number[]
  readonly json?: string
}

const program = new Command('bench:blocks')
  .description("a training step of every block against the same block's in PyTorch, by turns, in one run")
  .addOption(new Option('--only <blocks...>', 'these alone').choices(blockKinds))
  .option('--python <path>', 'interpreter with torch and transformers; .venv-bench/bin/python unless given')
  .option('--items <n>', 'of the catalogue', count, 3417)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--layers <n>', 'of the block', count, 2)
  .option('--heads <n>', 'of attention', count, 2)
  .option('--dropout <p>', 'on both sides', Number, 0.1)
  .option('--batch <n>', 'sessions a batch', count, 128)
  .option('--time <n>', 'events a session', count, 50)
  .option('--threads <n>', 'threads of each side', count, availableParallelism())
  .option('--rounds <n>', 'rounds; both take a turn in each', count, 5)
  .option('--steps <n>', 'steps a turn', count, 5)
  .addOption(
    new Option('--waiting <policy>', 'how idle threads of PyTorch wait')
      .choices(['passive', 'default'])
      .default('passive'),
  )
  .option('--fast-gelu', "PyTorch's own tanh GELU in Hugging Face's models, in place of theirs", false)
  .option('--sweep', 'ours alone, at each of --widths and --times', false)
  .option('--times <n,n>', 'of the sweep', counts, [50, 100, 200])
  .option('--widths <n,n>', 'of the sweep', counts, [64, 128])
  .option('--json <file>', 'write all figures there')
const flags = program.parse().opts<Flags>()
const { items, width, layers, heads, dropout, batch, time, threads, rounds, steps, waiting } = flags
const configuration: Configuration = { items, width, layers, heads, dropout, batch, time }
const chosen = blockKinds.filter((kind) => flags.only?.includes(kind) ?? true)
const runtime = nodeRuntime({ threads })

if (flags.sweep) await sweep()
else await versus()

/** Every block against PyTorch's. */
async function versus(): Promise<void> {
  const python = await findPython(flags.python, ['torch', 'transformers'], {
    howTo: 'bench/peers/README.md says how to make an environment for it.',
  })
  if ('missing' in python) note(`Without PyTorch. ${python.missing}`)
  const torch =
    'missing' in python
      ? undefined
      : startTorchBlocks({ python: python.path, threads, waiting, fastGelu: flags.fastGelu })
  const results: BlockResult[] = []
  try {
    for (const kind of chosen) results.push(await bench(kind, torch))
  } finally {
    await torch?.close()
  }
  process.stdout.write(`${nameOf(configuration)} · ${layers} layers\n${blocksTable(results)}\n`)
  for (const line of parameterDifferences(results)) {
    note(`Not the same model: ${line}`)
    process.exitCode = 1
  }
  await save({ ...('versions' in python && { versions: python.versions }), blocks: results })
}

async function bench(kind: BlockKind, torch: TorchBlocks | undefined): Promise<BlockResult> {
  note(kind)
  const own = blockCase(kind, configuration)
  const ours = await entered(await ourBlock(own, runtime))
  try {
    const theirs = await torch?.block(own).catch((error: unknown) => {
      note(`${kind} of PyTorch is left out: ${(error as Error).message}`)
      process.exitCode = 1
      return undefined
    })
    const both = [ours, ...(theirs === undefined ? [] : [await entered(theirs.contestant)])]
    const [summary, peerSummary] = await compete(both, { rounds, steps })
    return {
      kind,
      masking: own.masking,
      parameters: parametersOf(own.model),
      ours: summary!,
      ...(theirs && {
        peer: { from: theirs.contestant.name, parameters: theirs.parameters, summary: peerSummary! },
      }),
    }
  } finally {
    await ours.contestant.close()
  }
}

/** What ours costs by width and length; all sizes of a block take turns. */
async function sweep(): Promise<void> {
  const results: SweepResult[] = []
  for (const kind of chosen) {
    note(kind)
    const sizes = flags.widths.flatMap((width) => flags.times.map((time) => ({ width, time })))
    const all: Entered[] = []
    try {
      for (const size of sizes)
        all.push(await entered(await ourBlock(blockCase(kind, { ...configuration, ...size }), runtime)))
      const summaries = await compete(all, { rounds, steps })
      results.push(...sizes.map((size, at) => ({ kind, ...size, ours: summaries[at]! })))
    } finally {
      for (const { contestant } of all) await contestant.close()
    }
  }
  process.stdout.write(
    `${items.toLocaleString('en')} items · ${batch} sessions a batch · ${layers} layers\n${sweepTable(results)}\n`,
  )
  await save({ blocks: results })
}

interface Entered {
  readonly contestant: Contestant
  readonly warm: Turn
}

async function entered(contestant: Contestant): Promise<Entered> {
  return { contestant, warm: await warmUp(contestant, WARM_UP) }
}

async function save(figures: object): Promise<void> {
  if (flags.json === undefined) return
  const settings = { ...configuration, threads, rounds, steps, waiting, node: process.versions.node }
  await writeFile(flags.json, `${JSON.stringify({ settings, ...figures }, null, 2)}\n`)
}
