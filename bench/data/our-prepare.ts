import { Command } from 'commander'
import { expressions as f } from '../../src/expressions/index.ts'
import { workflow as createWorkflow } from '../../src/workflow/index.ts'
import { prepare, type PrepareProgress } from '../../src/workflow/prepare.ts'
import { count } from '../flags.ts'

const program = new Command('our-prepare')
  .description('the job of bench/README.md in this package; prints one JSON line')
  .argument('<clicks>', 'CSV: session_id,timestamp,item_id,category,price')
  .argument('<out>', 'folder that is written')
  .option('--memory <MB>', 'what the engine may use', count, 1000)
const [clicks, out] = program.parse().args as [string, string]
const { memory } = program.opts<{ readonly memory: number }>()

const item = f.column('item_id', 'text')
const time = f.column('timestamp', 'time')
const workflow = createWorkflow({
  session: 'session_id',
  time: 'timestamp',
  steps: [{ keep: f.not(f.repeatsLast(item)) }],
  features: {
    item_id: f.categorify(item, { minCount: 5 }),
    category: f.categorify(f.column('category', 'text')),
    timestamp: time,
    weekday: f.weekday(time),
    recency_days_log: f.log(f.recencyDays(time, item)),
    price_log: f.normalize(f.log(f.column('price', 'number'))),
  },
})

const seconds: Partial<Record<PrepareProgress['phase'], number>> = {}
const started = performance.now()
let phase: PrepareProgress['phase'] | undefined
let since = started
const turn = (next?: PrepareProgress['phase']): void => {
  if (next === phase) return
  if (phase !== undefined) seconds[phase] = (performance.now() - since) / 1000
  phase = next
  since = performance.now()
}
const { sessions, events, windows } = await prepare(
  workflow,
  { path: clicks },
  {
    out,
    maxEvents: 20,
    split: { every: 'day', validation: 0, test: 0 },
    memoryLimit: memory * 1e6,
    onProgress: (progress) => turn(progress.phase),
  },
)
turn()
const total = (performance.now() - started) / 1000
const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(
  `${JSON.stringify({ program: 'ensuite', seconds, total, peakMegabytes, sessions, events, days: windows.length })}\n`,
)
