import { availableParallelism } from 'node:os'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { table } from '../src/cli/output.ts'
import { settle } from './contestant.ts'
import { count, note } from './flags.ts'
import { ourEpoch, readEpochData, type Epoch } from './our-epoch.ts'
import { findPython, type Waiting } from './python.ts'
import { rectoolsEpoch } from './rectools-epoch.ts'
import { median } from './statistics.ts'

interface Flags {
  readonly data: string
  readonly epochs: number
  readonly python?: string
  readonly threads: number
  readonly batches?: number
  readonly waiting: Waiting
  readonly json?: string
}

const program = new Command('bench:epoch')
  .description("an epoch over MovieLens 1M, ours against RecTools' SASRec, by turns, in one run")
  .option(
    '--data <path>',
    'lines "user item" in time order, may be gzipped',
    '../shared/data/ml-1m/ml-1m.txt.gz',
  )
  .option('--epochs <n>', 'epochs of each side, each from the start', count, 2)
  .option('--python <path>', 'interpreter with rectools and torch; .venv-bench/bin/python unless given')
  .option('--threads <n>', 'threads of each side', count, availableParallelism())
  .option('--batches <n>', 'stop after so many batches: tries the bench out, and measures nothing', count)
  .addOption(
    new Option('--waiting <policy>', 'how idle threads of PyTorch wait')
      .choices(['passive', 'default'])
      .default('passive'),
  )
  .option('--json <file>', 'write all figures there')
const { data, epochs, threads, batches, waiting, ...flags } = program.parse().opts<Flags>()

if (!existsSync(data)) {
  program.error(
    `error: There is no ${data}. It is MovieLens 1M as SASRec used it: ml-1m.txt, a line "user item" for each event in time order. ` +
      `It may not be passed on with this repository; make it from https://grouplens.org/datasets/movielens/1m/ and name it with --data.`,
    { exitCode: 2 },
  )
}
const packages = ['rectools', 'torch', 'pytorch-lightning']
const python = await findPython(flags.python, packages)
if ('missing' in python) note(`Without RecTools. ${python.missing}`)
const smoke = batches === undefined ? {} : { batches }
const read = await readEpochData(data, batches)

const ours: Epoch[] = []
const theirs: Epoch[] = []
for (let epoch = 1; epoch <= epochs; epoch++) {
  await settle()
  ours.push(await ourEpoch(read, threads))
  note(`epoch ${epoch} of ${epochs}: ours ${seconds(ours)}`)
  if ('missing' in python) continue
  theirs.push(await rectoolsEpoch({ python: python.path, data, threads, waiting, ...smoke }))
  note(`epoch ${epoch} of ${epochs}: RecTools ${seconds(theirs)}`)
}

const rows = [['ours', ours] as const, ...(theirs.length > 0 ? [['RecTools', theirs] as const] : [])]
const tableRows = rows.map(([name, all]) => [
  name,
  String(all[0]!.batches),
  all.map((each) => each.seconds.toFixed(1)).join(', '),
  typical(all).toFixed(1),
])
process.stdout.write(`${table(['', 'batches', 'seconds of each epoch', 'median'], tableRows)}\n`)
const ratio = theirs.length > 0 ? typical(theirs) / typical(ours) : undefined
if (ratio !== undefined) process.stdout.write(`RecTools takes ${ratio.toFixed(2)} × as long as ours.\n`)
if (batches !== undefined)
  process.stdout.write('Stopped early: this tries the bench out, and measures nothing.\n')
if (flags.json !== undefined) {
  const versions = { node: process.versions.node, ...('versions' in python && python.versions) }
  const settings = { epochs, threads, waiting, ...smoke, versions }
  await writeFile(flags.json, `${JSON.stringify({ settings, ours, rectools: theirs, ratio }, null, 2)}\n`)
}

function typical(all: readonly Epoch[]): number {
  return median(all.map((each) => each.seconds))
}

function seconds(all: readonly Epoch[]): string {
  return `${all.at(-1)!.seconds.toFixed(1)} s`
}
