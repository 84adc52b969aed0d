import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { featureTypes } from '../src/workflow/feature-types.ts'
import { openPrepared } from '../src/workflow/prepared-sessions.ts'
import { count } from './flags.ts'
import { median } from './statistics.ts'

interface Flags {
  readonly rounds: number
  readonly features?: readonly string[]
  readonly json?: string
}

const program = new Command('bench:read')
  .description('sessions a second, of reading a prepared folder into typed arrays')
  .argument('<folder>', 'one that `prepare` wrote')
  .option(
    '--rounds <n>',
    'how often all is read; the first reads from the disk what is not in memory',
    count,
    3,
  )
  .option('--features <names...>', 'which are read; all codes and numbers unless given')
  .option('--json <file>', 'write all figures there')
const [folder] = program.parse().args as [string]
const { rounds, features, json } = program.opts<Flags>()

const opened = await openPrepared(folder)
const readable = Object.entries(featureTypes(opened.definition))
  .filter(([, type]) => type !== 'text' && type !== 'boolean')
  .map(([name]) => name)
const names = features ?? readable
const files = opened.parts.map(({ file }) => file)

const seconds: number[] = []
let [sessions, events, bytes] = [0, 0, 0]
for (let round = 0; round < rounds; round++) {
  const start = performance.now()
  const { rows, offsets, values } = await opened.read(files, names)
  seconds.push((performance.now() - start) / 1000)
  sessions = rows
  events = offsets[rows]!
  bytes = values.reduce((sum, { byteLength }) => sum + byteLength, offsets.byteLength)
}
const typical = median(seconds)
const figure = (value: number): string => Math.round(value).toLocaleString('en')
process.stdout.write(
  `${figure(sessions)} sessions with ${figure(events)} events of ${names.length} features (${names.join(', ')}) in ${files.length} files: ${figure(bytes / 1e6)} MB.\n` +
    `${seconds.map((each) => each.toFixed(2)).join(', ')} s; at the median ${figure(sessions / typical)} sessions, ${figure((events * names.length) / typical)} values a second.\n`,
)
if (json !== undefined) {
  const rates = { sessionsPerSecond: sessions / typical, valuesPerSecond: (events * names.length) / typical }
  const all = { folder, features: names, files: files.length, sessions, events, bytes, seconds, ...rates }
  await writeFile(json, `${JSON.stringify(all, null, 2)}\n`)
}
