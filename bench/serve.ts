import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { readArtifact } from '../src/artifact/index.ts'
import { table } from '../src/cli/output.ts'
import { createClient } from '../src/client/index.ts'
import { createRandom } from '../src/random.ts'
import { syntheticArtifact } from './data/synthetic-artifact.ts'
import { count, note } from './flags.ts'
import { load, type LoadResult } from './load.ts'
import { startServer, type StartedServer } from './started-server.ts'
import { median } from './statistics.ts'

/** The server under load, in a process of its own; this one asks. Both share the machine. */
interface Flags {
  readonly items: number
  readonly width: number
  readonly layers: number
  readonly length: number
  readonly sessions: number
  readonly seconds: number
  readonly threads?: string
  readonly artifact?: string
}

const NONE = { count: 0, p50: NaN, p99: NaN }

/** Connections of the overload: more than the server takes requests, so that none waits in the caller for a connection. */
const OPEN = 512

const program = new Command('bench:serve')
  .description('latency, throughput and overload of `ensuite serve`')
  .option('--items <n>', 'of the catalogue', count, 100_000)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--layers <n>', 'of the block', count, 2)
  .option('--length <n>', 'events of a session at most', count, 50)
  .option('--sessions <n>', 'live sessions', count, 2_000)
  .option('--seconds <n>', 'of each measurement', count, 10)
  .option('--threads <n>', 'of the scoring worker')
  .option('--artifact <folder>', 'what is served, in place of an untrained model of those sizes')
const flags = program.parse().opts<Flags>()

const root = await mkdtemp(join(tmpdir(), 'ensuite-bench-'))
let server: StartedServer | undefined
try {
  if (flags.artifact === undefined) note(`an artifact of ${flags.items} items …`)
  const folder =
    flags.artifact ?? (await syntheticArtifact(root, 'shop', { ...flags, maxLength: flags.length }))
  const { workflow } = await readArtifact(folder)
  const { values: items } = workflow.vocabulary(workflow.definition.item!)
  server = await startServer(root, folder, flags.threads === undefined ? {} : { threads: flags.threads })
  const random = createRandom(1)
  const item = (): string => items[random.below(items.length)]!
  const client = createClient({ url: server.url })
  await fillSessions()
  const body = (): string => JSON.stringify({ session: `s${random.below(flags.sessions)}`, k: 20 })
  const common = { url: server.url, path: '/v1/recommend', body, seconds: flags.seconds }
  note('warm-up …')
  await load({ ...common, connections: 16, seconds: 3 })
  const live = await liveSessions()
  note('as much as it can …')
  const full = await load({ ...common, connections: 32 })
  note('300 requests a second …')
  const steady = await load({ ...common, connections: 64, rate: 300 })
  const rate = Math.ceil(5 * full.perSecond)
  note(`five times as much as it can: ${rate} requests a second …`)
  const over = await load({ ...common, connections: OPEN, rate, settling: 1 })
  const after = await load({ ...common, connections: 16, seconds: 3 })
  const row = (
    name: string,
    { perSecond, ok, refused, refusedSinceSent, failed, late }: LoadResult,
  ): readonly string[] => [
    name,
    perSecond.toFixed(0),
    ok.p50.toFixed(1),
    ok.p99.toFixed(1),
    String(refused.count),
    Number.isNaN(refused.p50) ? '' : refused.p50.toFixed(1),
    Number.isNaN(refused.p99) ? '' : refused.p99.toFixed(1),
    Number.isNaN(refusedSinceSent.p99) ? '' : refusedSinceSent.p99.toFixed(1),
    String(failed),
    late.p99.toFixed(1),
  ]
  console.log(
    table(
      [
        'load',
        'answered/s',
        'p50 ms',
        'p99 ms',
        'refused',
        'its p50',
        'its p99',
        '… since sent',
        'failed',
        'caller late, p99',
      ],
      [
        row('32 callers, no pause', full),
        row('300/s (p99 at most 100)', steady),
        row(`${rate}/s, 5 x (p99 at most 200; refused at most 20)`, over),
        row('its first second', {
          ...over,
          ...over.settled,
          refusedSinceSent: NONE,
          perSecond: over.settled.ok.count,
        }),
        row('16 callers, afterwards', after),
      ],
    ),
  )
  console.log(
    `one live session: recommended in ${live.recommendMs.toFixed(1)} ms p50 (at most 10); an event told and recommended from in ${live.visibleMs.toFixed(1)} ms p50, ${live.slowestMs.toFixed(1)} ms at most (at most 50)`,
  )

  async function fillSessions(): Promise<void> {
    for (let session = 0; session < flags.sessions; session += 100) {
      const events = Array.from({ length: Math.min(100, flags.sessions - session) }, (_, at) =>
        Array.from({ length: 1 + random.below(flags.length) }, (__, place) => ({
          id: String(place),
          session: `s${session + at}`,
          item: item(),
        })),
      ).flat()
      await client.sendEvents({ events })
    }
  }

  async function liveSessions(): Promise<{
    readonly recommendMs: number
    readonly visibleMs: number
    readonly slowestMs: number
  }> {
    const recommended: number[] = []
    const visible: number[] = []
    for (let at = 0; at < 200; at++) {
      const session = `live${at >> 5}`
      const begun = performance.now()
      await client.sendEvents({ events: [{ id: String(at), session, item: item() }] })
      const told = performance.now()
      await client.recommend({ session, k: 20 })
      const ended = performance.now()
      recommended.push(ended - told)
      visible.push(ended - begun)
    }
    return { recommendMs: median(recommended), visibleMs: median(visible), slowestMs: Math.max(...visible) }
  }
} finally {
  await server?.stop()
  await rm(root, { recursive: true, force: true })
}
