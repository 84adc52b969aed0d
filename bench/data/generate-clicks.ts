import { open, rename, rm, stat } from 'node:fs/promises'
import { Command } from 'commander'
import { count, note } from '../flags.ts'
import { clickLines } from './click-lines.ts'

const program = new Command('bench:clicks')
  .description('writes a made-up log of clicks, the same for the same seed: CSV, 55 bytes a click')
  .requiredOption('--clicks <n>', 'how many, up to 1,000,000,000', count)
  .requiredOption('--out <file>', 'where to write it')
  .option('--seed <n>', 'another log for another seed', count, 1)
const { clicks, out, seed } = program
  .parse()
  .opts<{ readonly clicks: number; readonly out: string; readonly seed: number }>()
if (clicks > 1_000_000_000) program.error('error: --clicks is at most 1,000,000,000.', { exitCode: 2 })

const start = performance.now()
const beside = `${out}.${process.pid}.part`
try {
  const file = await open(beside, 'wx')
  try {
    for (const lines of clickLines({ clicks, seed })) await file.writeFile(lines)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, out)
} finally {
  await rm(beside, { force: true })
}
const seconds = (performance.now() - start) / 1000
const { size } = await stat(out)
note(`${out}: ${clicks} clicks, ${Math.round(size / 1e6)} MB, in ${seconds.toFixed(1)} s`)
