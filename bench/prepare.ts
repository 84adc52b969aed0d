import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { settle } from './contestant.ts'
import { count, note } from './flags.ts'
import { preparedRows, preparedTable, type Turns } from './prepare-report.ts'
import { ourPreparer, pythonPreparer, pythonPreparers, script, type PythonPreparer } from './preparers.ts'
import { findPython, run } from './python.ts'

interface Flags {
  readonly clicks: number
  readonly rounds: number
  readonly memory: number
  readonly only?: readonly PythonPreparer[]
  readonly python?: string
  readonly nvtabularPython?: string
  readonly folder?: string
  readonly json?: string
}

const all = Object.keys(pythonPreparers) as PythonPreparer[]
const program = new Command('bench:prepare')
  .description('clicks to sessions: the job of bench/README.md, ours against pandas and NVTabular, by turns')
  .option('--clicks <n>', 'of the made-up log, from 10,000', count, 1_000_000)
  .option('--rounds <n>', 'of each program', count, 1)
  .option('--memory <MB>', 'what our engine may use', count, 1000)
  .addOption(new Option('--only <peers...>', 'these peers beside ours').choices(all))
  .option('--python <path>', 'interpreter with pandas and pyarrow; .venv-bench/bin/python unless given')
  .option('--nvtabular-python <path>', 'one with NVTabular; .venv-nvtabular/bin/python unless given')
  .option('--folder <path>', 'where the log stays for the next time; a temporary one unless given')
  .option('--json <file>', 'write all figures there')
const flags = program.parse().opts<Flags>()
const { clicks, rounds, memory, only = all } = flags
if (clicks < 10_000 || clicks > 1e9)
  program.error('error: --clicks is from 10,000 to 1,000,000,000.', { exitCode: 2 })

const howTo = 'bench/peers/README.md says how to make one.'
const pandas = await findPython(flags.python, ['pandas', 'pyarrow'], { howTo })
const nvtabularOwn = { own: '.venv-nvtabular/bin/python', howTo }
const nvtabular = await findPython(flags.nvtabularPython, ['nvtabular', 'pandas', 'pyarrow'], nvtabularOwn)
const peers = only.flatMap((name) => {
  const python = name === 'nvtabular' ? nvtabular : pandas
  if ('path' in python) return [pythonPreparer(name, python.path)]
  note(`Without ${name}. ${python.missing}`)
  return []
})
const results = [ourPreparer(memory), ...peers].map((preparer): Turns => ({
  preparer,
  lines: [],
  figures: [],
}))

const folder = flags.folder ?? (await mkdtemp(join(tmpdir(), 'ensuite-bench-')))
await mkdir(folder, { recursive: true })
const work = await mkdtemp(join(folder, 'prepared-'))
try {
  const log = join(folder, `clicks-${clicks}.csv`)
  if (!existsSync(log))
    note(
      (
        await run(process.execPath, [
          script('data/generate-clicks.js'),
          '--clicks',
          `${clicks}`,
          '--out',
          log,
        ])
      ).stderr.trim(),
    )
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < results.length; turn++)
      await takeTurn(results[(round + turn) % results.length]!, log, round)
} finally {
  await rm(flags.folder === undefined ? folder : work, { recursive: true, force: true })
}

async function takeTurn(result: Turns, log: string, round: number): Promise<void> {
  const { preparer } = result
  if (result.failed !== undefined) return
  const out = join(work, `${preparer.name}-${round}`)
  await mkdir(out)
  await settle()
  try {
    const { line, figures } = await preparer.prepare(log, out)
    result.lines.push(line)
    result.figures.push(figures)
    note(`round ${round + 1} of ${rounds}: ${preparer.name} ${line.total.toFixed(1)} s`)
  } catch (error) {
    result.failed = (error as Error).message
    note(`${preparer.name} failed. ${result.failed}`)
  }
  await rm(out, { recursive: true })
}

const rows = preparedRows(results)
process.stdout.write(`${clicks.toLocaleString('en')} clicks\n${preparedTable(rows)}\n`)
if (flags.json !== undefined) {
  const versions = {
    node: process.versions.node,
    ...('versions' in nvtabular && { nvtabular: nvtabular.versions }),
    ...('versions' in pandas && { pandas: pandas.versions }),
  }
  await writeFile(
    flags.json,
    `${JSON.stringify({ settings: { clicks, rounds, memory, versions }, results: rows }, null, 2)}\n`,
  )
}
for (const { name, differences } of rows)
  for (const difference of differences) note(`${name} made other sessions: ${difference}.`)
if (rows.some(({ agrees }) => !agrees)) {
  note('Not all programs made the same sessions: their times cannot be compared.')
  process.exitCode = 1
}
