import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { readArtifact } from '../src/artifact/index.ts'
import { table } from '../src/cli/output.ts'
import { createRandom } from '../src/random.ts'
import { syntheticArtifact } from './data/synthetic-artifact.ts'
import { count, note } from './flags.ts'
import { load, type LoadResult } from './load.ts'
import { findPython, waitingEnvironment } from './python.ts'
import { startServer, type StartedServer } from './started-server.ts'
import { median } from './statistics.ts'

/** How much `ensuite serve` answers beside the same weights behind FastAPI and PyTorch, by turns. */
interface Flags {
  readonly items: number
  readonly width: number
  readonly layers: number
  readonly length: number
  readonly seconds: number
  readonly rounds: number
  readonly callers: number
  readonly python?: string
}

const program = new Command('bench:serve-peer')
  .description('requests a second beside the same weights behind FastAPI and PyTorch')
  .option('--items <n>', 'of the catalogue', count, 100_000)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--layers <n>', 'of the block', count, 2)
  .option('--length <n>', 'events of a session at most', count, 50)
  .option('--seconds <n>', 'of each turn', count, 8)
  .option('--rounds <n>', 'rounds; all take a turn in each', count, 3)
  .option('--callers <n>', 'that ask again as soon as they are answered', count, 32)
  .option(
    '--python <path>',
    'interpreter with torch, fastapi, uvicorn and safetensors; .venv-serve/bin/python unless given',
  )
const flags = program.parse().opts<Flags>()
const python = await findPython(flags.python, ['torch', 'fastapi', 'uvicorn', 'safetensors'], {
  own: '.venv-serve/bin/python',
  howTo: `To make one:
  python3.11 -m venv .venv-serve
  .venv-serve/bin/pip install torch==2.13.0 fastapi==0.121.3 uvicorn==0.54.0 safetensors==0.8.0`,
})
if ('missing' in python) throw new Error(python.missing)

/** A side: where it is asked, and with what body. */
interface Side {
  readonly name: string
  readonly server: StartedServer
  readonly path: string
  readonly bodyOf: (session: readonly string[]) => string
}

const root = await mkdtemp(join(tmpdir(), 'ensuite-bench-'))
const sides: Side[] = []
try {
  note(`an artifact of ${flags.items} items …`)
  const folder = await syntheticArtifact(root, 'shop', { ...flags, maxLength: flags.length })
  sides.push({
    name: 'ensuite serve',
    server: await startServer(root, folder),
    path: '/v1/recommend',
    bodyOf: (session) => JSON.stringify({ events: session.map((item) => ({ item })), k: 20 }),
  })
  const peer = await peerOf(folder)
  for (const batched of [false, true])
    for (const threads of [1, availableParallelism()])
      sides.push({
        name: `FastAPI, ${batched ? 'batches' : 'each by itself'}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
        server: await peer(threads, batched),
        path: '/recommend',
        bodyOf: (events) => JSON.stringify({ events, k: 20 }),
      })
  const random = createRandom(1)
  const session = (): readonly string[] =>
    Array.from({ length: 1 + random.below(flags.length) }, () => `i${random.below(flags.items)}`)
  const first = session()
  const answers = await Promise.all(sides.map((side) => bestOf(side, first)))
  for (const [at, { name }] of sides.entries())
    if (answers[at]!.join() !== answers[0]!.join())
      throw new Error(`${name} recommends other items than ${sides[0]!.name}: the models are not the same.`)

  const turns = sides.map((): LoadResult[] => [])
  const turn = async (at: number, seconds: number): Promise<LoadResult> => {
    const { server, path, bodyOf } = sides[at]!
    return load({
      url: server.url,
      path,
      body: () => bodyOf(session()),
      connections: flags.callers,
      seconds,
    })
  }
  note('warm-up …')
  for (const at of sides.keys()) await turn(at, 3)
  for (let round = 0; round < flags.rounds; round++)
    for (const [at, { name }] of sides.entries()) {
      turns[at]!.push(await turn(at, flags.seconds))
      note(`round ${round + 1}: ${name}: ${turns[at]!.at(-1)!.perSecond.toFixed(0)}/s`)
    }
  const rows = sides.map(({ name }, at) => {
    const own = turns[at]!
    const of = (read: (result: LoadResult) => number): number => median(own.map(read))
    const ratio = median(own.map(({ perSecond }, round) => turns[0]![round]!.perSecond / perSecond))
    return [
      name,
      of(({ perSecond }) => perSecond).toFixed(0),
      of(({ ok }) => ok.p50).toFixed(1),
      of(({ ok }) => ok.p99).toFixed(1),
      String(own.reduce((sum, { failed, refused }) => sum + failed + refused.count, 0)),
      at === 0 ? '' : `${ratio.toFixed(2)} x`,
    ]
  })
  console.log(
    table(
      ['server', 'answered/s', 'p50 ms', 'p99 ms', 'not answered', 'ours answers (median of rounds)'],
      rows,
    ),
  )
  console.log(
    `${flags.items} items, sessions of 1 to ${flags.length} events, ${flags.callers} callers on the same machine; all recommend the same items. ${Object.entries(
      python.versions,
    )
      .map((each) => each.join(' '))
      .join(', ')}`,
  )
} finally {
  for (const { server } of sides) await server.stop()
  await rm(root, { recursive: true, force: true })
}

/** Starts the weights of an artifact behind FastAPI. */
async function peerOf(
  folder: string,
): Promise<(threads: number, batched: boolean) => Promise<StartedServer>> {
  const { workflow } = await readArtifact(folder)
  const vocabulary = join(root, 'vocabulary.json')
  await writeFile(vocabulary, JSON.stringify(workflow.vocabulary(workflow.definition.item!).values))
  const { path } = python as { readonly path: string }
  return async (threads, batched) => {
    const child = spawn(
      resolve(path),
      [
        fileURLToPath(new URL('../../bench/peers/fastapi_serve.py', import.meta.url)),
        join(folder, 'weights.safetensors'),
        vocabulary,
        ...['--heads', '2', '--threads', String(threads)],
        ...(batched ? ['--batched'] : []),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...waitingEnvironment('passive') } },
    )
    const port = (
      await Promise.race([
        once(createInterface(child.stdout), 'line'),
        once(child, 'exit').then(() => {
          throw new Error('The server in Python ended.')
        }),
      ])
    )[0] as string
    const url = `http://127.0.0.1:${port}`
    while (
      !(await fetch(`${url}/openapi.json`).then(
        (answer) => answer.ok,
        () => false,
      ))
    )
      await new Promise((done) => setTimeout(done, 100))
    const ended = once(child, 'exit')
    return {
      url,
      stop: async () => {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
}

async function bestOf(
  { server, path, bodyOf }: Side,
  session: readonly string[],
): Promise<readonly string[]> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(session),
  })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  const { items } = (await answer.json()) as { readonly items: readonly { readonly item: string }[] }
  return items.map(({ item }) => item)
}
