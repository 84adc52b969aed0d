import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { sasrec } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { RESERVED } from '../src/codes.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { createStep } from '../src/train/create-step.ts'
import { count, note } from './flags.ts'
import { randomBatch } from './our-step.ts'
import { median } from './statistics.ts'

/** A catalogue of a million items beside one of 50,000: a process each, so that memory is its own. */
interface Flags {
  readonly items: number
  readonly small: number
  readonly width: number
  readonly batch: number
  readonly time: number
  readonly negatives: number
  readonly steps: number
  readonly only?: number
}

interface Measured {
  readonly milliseconds: number
  /** The largest resident set, in bytes, and what it was before the model was made. */
  readonly peak: number
  readonly before: number
}

const program = new Command('bench:large-catalogue')
  .description(
    'a training step with sampled softmax and updates by rows: does it cost the batch, or the catalogue?',
  )
  .option('--items <n>', 'of the large catalogue', count, 1_000_000)
  .option('--small <n>', 'of the other one', count, 50_000)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--batch <n>', 'sessions', count, 128)
  .option('--time <n>', 'events a session', count, 20)
  .option('--negatives <n>', 'drawn once a batch', count, 512)
  .option('--steps <n>', 'measured, after three', count, 20)
  .option('--only <items>', 'one catalogue, in this process', count)
const flags = program.parse().opts<Flags>()

if (flags.only !== undefined) {
  process.send!(await measure(flags.only, flags))
} else {
  const [small, large] = [await inProcess(flags.small), await inProcess(flags.items)]
  const tableBytes = (flags.items + RESERVED) * flags.width * 4
  const memory = (large.peak - large.before) / tableBytes
  console.log(
    table(
      ['items', 'ms a step', 'peak MB', 'above its start, in tables'],
      [
        [String(flags.small), small.milliseconds.toFixed(1), (small.peak / 1e6).toFixed(0), ''],
        [
          String(flags.items),
          large.milliseconds.toFixed(1),
          (large.peak / 1e6).toFixed(0),
          memory.toFixed(2),
        ],
      ],
    ),
  )
  console.log(
    `time ${(large.milliseconds / small.milliseconds).toFixed(2)} x (at most 2), memory ${memory.toFixed(2)} x the table (at most 4)`,
  )
}

function inProcess(items: number): Promise<Measured> {
  note(`${items} items …`)
  return new Promise((resolve, reject) => {
    const args = [...process.argv.slice(2), '--only', String(items)]
    const child = fork(fileURLToPath(import.meta.url), args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.once('message', (measured) => {
      resolve(measured as Measured)
    })
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`The process for ${items} items exited with code ${code}.`))
    })
  })
}

async function measure(items: number, { width, batch, time, negatives, steps }: Flags): Promise<Measured> {
  const before = process.resourceUsage().maxRSS * 1024
  const made = model(
    { items: items + RESERVED, categorical: {}, continuous: [] },
    {
      masking: causal(),
      block: sasrec({ width, layers: 2, heads: 2 }),
      heads: [nextItem({ loss: 'sampled-softmax', negatives })],
      maxLength: time,
    },
  )
  const runtime = nodeRuntime({ threads: availableParallelism() })
  const step = await createStep(made, runtime, { seed: 1, maxRows: batch, maxTime: time })
  const times: number[] = []
  for (let at = 0; at < steps + 3; at++) {
    const given = randomBatch({ items, width, batch, time, layers: 2, heads: 2 } as never, at)
    const started = performance.now()
    await step.run([given], { update: at + 1, learningRate: 1e-3 })
    if (at >= 3) times.push(performance.now() - started)
  }
  await step.close()
  return { milliseconds: median(times), peak: process.resourceUsage().maxRSS * 1024, before }
}
