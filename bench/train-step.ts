import { availableParallelism } from 'node:os'
import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import type { Device } from '../src/graph/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { configurations, nameOf, WARM_UP, type Configuration } from './configurations.ts'
import { compete, warmUp, type Contestant } from './contestant.ts'
import { count, note } from './flags.ts'
import { benchModel, ourStep, sizesOf } from './our-step.ts'
import { operations, productsOf } from './products.ts'
import { productsAlone } from './products-alone.ts'
import { findPython, type Waiting } from './python.ts'
import { report, results, type Results } from './report.ts'
import type { Turn } from './statistics.ts'
import { startTorch, type TorchProcess } from './torch-step.ts'

interface Flags {
  readonly python?: string
  readonly device: Device
  readonly peerDevice?: string
  readonly threads: number
  readonly rounds: number
  readonly steps: number
  readonly only?: number
  readonly fixed: boolean
  readonly compile: boolean
  readonly waiting: Waiting
  readonly json?: string
}

const program = new Command('bench:train-step')
  .description(
    "our training step against PyTorch's and against its own matrix products, by turns, in one run",
  )
  .option('--python <path>', 'interpreter with torch; .venv-bench/bin/python unless given')
  .addOption(
    new Option('--device <name>', 'where ours runs').choices(['cpu', 'webgpu', 'cuda']).default('cpu'),
  )
  .option('--peer-device <name>', 'where PyTorch runs: cuda beside --device cuda, else cpu')
  .option('--threads <n>', 'threads of each side', count, availableParallelism())
  .option('--rounds <n>', 'rounds; all take a turn in each', count, 7)
  .option('--steps <n>', 'steps a turn', count, 5)
  .option('--only <n>', `configuration 1 to ${configurations.length} alone`, count)
  .option('--fixed', 'ours with symbolic sizes bound to numbers, too', false)
  .option('--no-compile', 'without torch.compile, which takes up to a minute to compile each')
  .addOption(
    new Option('--waiting <policy>', 'how idle threads of PyTorch wait')
      .choices(['passive', 'default'])
      .default('passive'),
  )
  .option('--json <file>', 'write all figures there')
const flags = program.parse().opts<Flags>()
const { threads, device, rounds, steps, compile, fixed, waiting } = flags
if (flags.only !== undefined && flags.only > configurations.length)
  program.error(`error: --only is 1 to ${configurations.length}.`)
const chosen = flags.only === undefined ? configurations : [configurations[flags.only - 1]!]

const python = await findPython(flags.python, ['torch'])
if ('missing' in python) note(`Without PyTorch. ${python.missing}`)
const peerDevice = flags.peerDevice ?? (device === 'cuda' ? 'cuda' : 'cpu')
const torch: readonly TorchProcess[] =
  'missing' in python
    ? []
    : [false, ...(compile ? [true] : [])].map((each) =>
        startTorch({ python: python.path, compile: each, threads, device: peerDevice, waiting }),
      )
if (device !== 'cpu')
  note('Without the products alone: off the CPU their operands would be copied in each call.')

const made: Results[] = []
try {
  for (const configuration of chosen) made.push(await bench(configuration))
} finally {
  await Promise.all(torch.map((each) => each.close()))
}
if (flags.json !== undefined) {
  const versions = { node: process.versions.node, ...('versions' in python && python.versions) }
  const settings = { device, peerDevice, threads, rounds, steps, waiting, versions }
  await writeFile(flags.json, `${JSON.stringify({ settings, configurations: made }, null, 2)}\n`)
}

async function bench(configuration: Configuration): Promise<Results> {
  note(`${nameOf(configuration)}: making ready`)
  const runtime = nodeRuntime({ device, threads })
  const products = productsOf(benchModel(configuration).training(), sizesOf(configuration))
  const entered: { readonly contestant: Contestant; readonly warm: Turn }[] = []
  const enter = async (contestant: Contestant): Promise<void> => {
    entered.push({ contestant, warm: await warmUp(contestant, WARM_UP) })
  }
  try {
    await enter(await ourStep(configuration, runtime, { fixed: false }))
    if (fixed) await enter(await ourStep(configuration, runtime, { fixed: true }))
    if (device === 'cpu') await enter(await productsAlone(products, runtime))
    for (const each of torch) {
      try {
        await enter(await each.contestant(configuration))
      } catch (error) {
        note(`A run of PyTorch is left out: ${(error as Error).message}`)
      }
    }
    note(`${rounds} rounds of ${steps} steps each`)
    const summaries = await compete(entered, { rounds, steps })
    const gigaOperations = products.reduce((all, each) => all + each.count * operations(each), 0) / 1e9
    const names = entered.map(({ contestant }) => contestant.name)
    const result = results(configuration, { names, summaries, gigaOperations })
    process.stdout.write(`${report(result)}\n`)
    return result
  } finally {
    for (const { contestant } of entered) await contestant.close()
  }
}
