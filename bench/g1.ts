import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { Command, Option } from 'commander'
import { table } from '../src/cli/output.ts'
import { duration } from '../src/cli/progress.ts'
import { selectSessions, timeWindow, type Sessions } from '../src/data/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { fitAndEvaluate } from '../src/train/index.ts'
import { ownSetting } from './data/g1-own.ts'
import { published, type Published } from './data/g1-published.ts'
import { g1Windows, type Half, type Vocabulary } from './data/g1-windows.ts'
import { count, note } from './flags.ts'
import { findPython, waitingEnvironment } from './python.ts'

/** Transformers4Rec 23.12 and this package on the same hours of G1 news, in one run: accuracy and seconds. Reading the data is not counted on either side. */
interface Flags {
  readonly folder: string
  readonly half: Half
  readonly hours: number
  readonly epochs: number
  readonly threads: number
  readonly seed: number
  readonly python?: string
  readonly only?: readonly Side[]
}

const SIDES = ['transformers4rec', 'same', 'own'] as const
type Side = (typeof SIDES)[number]

/** Of one side: means over the hours that are tested on. */
interface Outcome {
  readonly name: string
  readonly ndcg: number
  readonly hr: number
  readonly seconds: number
}

const program = new Command('bench:g1')
  .description("Transformers4Rec itself beside this package: its paper's XLNet-MLM, hour by hour")
  .option('--folder <folder>', 'what `ensuite data g1` wrote', 'data/g1')
  .option('--hours <n>', 'the first so many; the last is only tested on', count, 12)
  .addOption(
    new Option('--half <half>', 'of the sessions of an hour that is tested on')
      .choices(['valid', 'test'])
      .default('test'),
  )
  .option('--epochs <n>', 'over each hour', count, 10)
  .option('--threads <n>', 'of either side', count, availableParallelism())
  .option('--seed <n>', 'start of all random draws', count, 1)
  .option('--python <path>', 'interpreter with transformers4rec; .venv-t4r/bin/python unless given')
  .addOption(new Option('--only <sides...>', 'to try one out').choices(SIDES))
const flags = program.parse().opts<Flags>()
const { folder, half, hours, epochs, threads, seed } = flags

/** Transformers4Rec with its paper's setting, in a process of its own. */
async function theirs(): Promise<Outcome> {
  const python = await findPython(flags.python, ['transformers4rec', 'torch', 'accelerate'], {
    own: '.venv-t4r/bin/python',
    howTo: 'bench/peers/README.md says how to make one; or leave it out: --only same own',
  })
  if ('missing' in python) throw new Error(python.missing)
  const given = { hours, half, epochs, threads, seed }
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(python.path, ['bench/peers/t4r_g1.py', folder, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...waitingEnvironment('default') },
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines: Readonly<Record<'hour' | 'ndcg' | 'hr' | 'trainSeconds' | 'testSeconds', number>>[] = []
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as Partial<(typeof lines)[number]>
    if (said.ndcg === undefined) continue
    lines.push(said as (typeof lines)[number])
    note(`Transformers4Rec, ${line}`)
  }
  const code = await ended
  if (code !== 0)
    throw new Error(
      `Transformers4Rec ended with ${String(code)}: run bench/peers/t4r_g1.py by hand to see why.`,
    )
  return {
    name: `Transformers4Rec ${python.versions['transformers4rec']!}, XLNet-MLM as published`,
    ndcg: mean(lines.map(({ ndcg }) => ndcg)),
    hr: mean(lines.map(({ hr }) => hr)),
    seconds: lines.reduce((sum, line) => sum + line.trainSeconds + line.testSeconds, 0),
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** This package with a setting. */
async function ours(
  name: string,
  setting: Published & { readonly vocabulary?: Vocabulary },
): Promise<Outcome> {
  const { hours: all, schemaOf } = await g1Windows({
    ...{ folder, half, hours, sides: setting.sides ?? false, vocabulary: setting.vocabulary ?? 'all' },
  })
  const windows = all.map(({ train, test }, at) =>
    // The last hour is only tested on, as on the other side.
    timeWindow(String(at + 1), { train: at + 1 < all.length ? train : none(train), test }),
  )
  const fixed = setting.vocabulary === 'seen' ? undefined : setting.build(schemaOf(0), {})
  const modelOf = fixed ?? ((hour: number) => setting.build(schemaOf(hour), {}))
  const { average, windows: done } = await fitAndEvaluate(modelOf, windows, {
    runtime: nodeRuntime({ threads }),
    epochs,
    seed,
    batchSize: setting.batchSize,
    optimizer: { learningRate: setting.rate, weightDecay: setting.weightDecay },
    schedule: { decay: 'linear' },
    ks: [20],
    filterSeen: false,
    callbacks: [
      {
        onWindow: ({ window, metrics, seconds }) =>
          note(
            `${name}, hour ${window}: NDCG@20 ${metrics?.['ndcg@20']?.toFixed(4) ?? '-'}, HR@20 ${metrics?.['recall@20']?.toFixed(4) ?? '-'}, ${seconds.toFixed(1)} s`,
          ),
      },
    ],
  })
  return {
    name,
    ndcg: average['ndcg@20']!,
    hr: average['recall@20']!,
    seconds: done.reduce((sum, each) => sum + each.seconds, 0),
  }
}

const none = (sessions: Sessions): Sessions => selectSessions(sessions, new Int32Array(0))

const run: Readonly<Record<Side, () => Promise<Outcome>>> = {
  transformers4rec: theirs,
  same: () => ours('ours, the same setting', published['xlnet-mlm']),
  own: () => ours(`ours, ${ownSetting.title}, a vocabulary that grows`, ownSetting),
}
const outcomes: (Outcome & { readonly side: Side })[] = []
for (const side of SIDES)
  if (flags.only === undefined || flags.only.includes(side)) outcomes.push({ ...(await run[side]()), side })
const peer = outcomes.find(({ side }) => side === 'transformers4rec')
console.log(
  table(
    [`hours 2 to ${hours}, ${threads} threads`, 'NDCG@20', 'HR@20', 'took', 'faster'],
    outcomes.map(({ name, ndcg, hr, seconds }) => [
      name,
      ndcg.toFixed(4),
      hr.toFixed(4),
      duration(seconds),
      peer === undefined ? '' : `${(peer.seconds / seconds).toFixed(1)} ×`,
    ]),
  ),
)
