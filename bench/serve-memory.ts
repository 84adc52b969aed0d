import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { createRandom } from '../src/random.ts'
import { syntheticArtifact } from './data/synthetic-artifact.ts'
import { count, note } from './flags.ts'
import { load, type Load } from './load.ts'
import { startServer } from './started-server.ts'

/** The memory of `ensuite serve` under a load that goes on, and of one that leaves something behind, so that the watch is known to see it. */
interface Flags {
  readonly items: number
  readonly sessions: number
  readonly minutes: number
  readonly rate: number
}

const program = new Command('bench:serve-memory')
  .description('whether `ensuite serve` grows under a load that goes on')
  .option('--items <n>', 'of the catalogue', count, 100_000)
  .option('--sessions <n>', 'live sessions', count, 2_000)
  .option('--minutes <n>', 'of the watch', count, 10)
  .option('--rate <n>', 'requests a second', count, 100)
const { items, sessions, minutes, rate } = program.parse().opts<Flags>()
/** Megabytes: more is growth. */
const MOST = 50
/** Events of each new session of the control: some 20 kB. */
const CONTROL_EVENTS = 100

const root = await mkdtemp(join(tmpdir(), 'ensuite-bench-'))
const folder = await syntheticArtifact(root, 'shop', { items, width: 64, layers: 2, maxLength: 50 })
const server = await startServer(root, folder)
try {
  const random = createRandom(1)
  let told = 0
  const event = (session: string): object => ({
    id: String(told++),
    session,
    item: `i${random.below(items)}`,
  })
  const live = (): string => `s${random.below(sessions)}`
  const asked = { url: server.url, connections: 64 }
  const telling = {
    ...asked,
    path: '/v1/events',
    body: () => JSON.stringify({ events: [event(live())] }),
  }
  const asking = {
    ...asked,
    path: '/v1/recommend',
    body: () => JSON.stringify({ session: live(), k: 20 }),
  }
  const leaving = {
    ...asked,
    path: '/v1/events',
    body: () => {
      const session = `never-seen-${told}`
      return JSON.stringify({ events: Array.from({ length: CONTROL_EVENTS }, () => event(session)) })
    },
  }
  let [requests, refused, failed] = [0, 0, 0]
  const minute = async (...kinds: readonly Omit<Load, 'seconds' | 'rate'>[]): Promise<number> => {
    const results = await Promise.all(
      kinds.map((kind) => load({ ...kind, seconds: 60, rate: rate / kinds.length })),
    )
    for (const result of results) {
      requests += result.ok.count + result.refused.count + result.failed
      refused += result.refused.count
      failed += result.failed
    }
    return memory()
  }
  const memory = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(/^process_resident_memory_bytes (.*)$/m.exec(text)![1]) / 1e6
  }
  const seen: number[] = []
  // All sessions are as long as they become before the first look.
  for (let at = 0; at < sessions; at++)
    await fetch(`${server.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events: Array.from({ length: 200 }, () => event(`s${at}`)) }),
    })
  note('a minute to warm up …')
  seen.push(await minute(telling, asking))
  ;[requests, refused, failed] = [0, 0, 0]
  for (let at = 1; at <= minutes; at++) {
    seen.push(await minute(telling, asking))
    note(
      `minute ${at}: ${seen.at(-1)!.toFixed(0)} MB, ${requests} requests, ${refused} refused, ${failed} failed`,
    )
  }
  const watched = `${requests} requests in ${minutes} minutes, ${refused} refused for lack of time, ${failed} failed`
  const isWhole = failed === 0
  const failedBefore = failed
  const grown = seen.at(-1)! - seen[0]!
  note('the control: a minute of sessions that are kept …')
  const control = (await minute(leaving)) - seen.at(-1)!
  // What was refused was not kept: the control would show nothing.
  if (failed > failedBefore) throw new Error(`${failed - failedBefore} requests of the control failed`)
  console.log(
    `${watched}; memory ${seen.map((each) => each.toFixed(0)).join(', ')} MB: grew by ${grown.toFixed(0)} MB (at most ${MOST}). The control grew by ${control.toFixed(0)} MB in a minute (at least ${MOST}).`,
  )
  if (!isWhole || grown > MOST || control < MOST) process.exitCode = 1
} finally {
  await server.stop()
  await rm(root, { recursive: true, force: true })
}
