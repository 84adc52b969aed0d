import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, rename, rm, writeFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder, tiny, type TinyOptions } from '../artifact/tiny-model.test-support.ts'
import { RESERVED } from '../codes.ts'
import { encodedInputs } from '../workflow/index.ts'
import { batchFeeds, planEvaluation } from '../data/index.ts'
import { graph, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { createRandom } from '../random.ts'
import type { Event, Sessions } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { type LoadSeams, loadWith } from './load-recommender.ts'
import type { Recommendations, Recommender } from './recommender.ts'

const workerUrl = fromSource('worker.ts')
const createdAt = new Date(0)

/** Saves a tiny model and loads it. */
async function loaded(options: TinyOptions = {}, seams: LoadSeams = {}) {
  const made = tiny(options)
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, made, { createdAt })
  const recommender = await loadWith(folder, { threads: 1 }, { workerUrl, ...seams })
  onTestFinished(() => recommender.close())
  return { ...made, folder, recommender }
}

const events = (...items: readonly string[]): readonly Event[] => items.map((item) => ({ item }))
const coded = (code: string): Error => expect.objectContaining({ code }) as Error

/** The score of every item by its name. */
function byItem({ items }: Recommendations): Readonly<Record<string, number>> {
  return Object.fromEntries(items.map(({ item, score }) => [item, score]))
}

function expectClose(
  actual: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
  for (const [item, score] of Object.entries(expected))
    expect(Math.abs(actual[item]! - score)).toBeLessThan(1e-5)
}

const cases = ['sasrec', 'gpt2'].flatMap((block) => [false, true].map((sides) => ({ block, sides })))

describe.each(cases)('$block, side features: $sides', ({ block, sides }) => {
  /** Random sessions that are longer than the model reads, too, as raw events and as codes. */
  function sessions(workflow: ReturnType<typeof tiny>['workflow']): {
    readonly raw: readonly (readonly Event[])[]
    readonly coded: Sessions
  } {
    const random = createRandom(5)
    const raw = [2, 3, 3, 5, 7, 9, 12].map((length) =>
      Array.from({ length }, (): Event => ({
        item: `i${random.below(30)}`,
        ...(sides && { colour: ['red', 'green', 'blue', 'mauve'][random.below(4)]!, price: random.normal() }),
      })),
    )
    const offsets = Int32Array.from([0, ...raw.map((_, at) => raw.slice(0, at + 1).flat().length)])
    const inputs = encodedInputs(workflow.definition, workflow.encode(raw.flat()))
    return {
      raw,
      coded: { count: raw.length, offsets, ...inputs, ids: raw.map((_, at) => String(at)) },
    }
  }

  test('recommending from a prefix gives the scores of evaluating, alone, together and in any company', async () => {
    const { model, weights, workflow, recommender } = await loaded({ block, sides })
    const { raw, coded: codes } = sessions(workflow)
    const runtime = nodeRuntime({ threads: 1 })
    const program = await runtime.compile(graph({ scores: model.evaluation()['next-item']! }))
    const parameters = Object.fromEntries(
      model.parameters.map(({ name, shape }): [string, TensorData] => [
        name,
        { dtype: 'float32', dims: shape, data: weights[name]! },
      ]),
    )
    const batch = planEvaluation(codes, { maxLength: model.maxLength, batchSize: 64 }).batch(0)
    expect(batch.rows).toBeLessThan(raw.length)
    const { scores } = await program.run({ ...parameters, ...batchFeeds(batch, { withLabels: false }) })
    await program.close()
    const items = model.schema.items - RESERVED
    const expected = new Map(
      Array.from(batch.sessionIndices, (session, row) => [
        session,
        Object.fromEntries(
          Array.from({ length: items }, (_, column) => [
            `i${column}`,
            scores!.data[row * items + column] as number,
          ]),
        ),
      ]),
    )
    expect(new Set(Object.values(expected.get(0)!).map((score) => score.toFixed(3))).size).toBeGreaterThan(20)

    const ask = (session: number): Promise<Recommendations> =>
      recommender.recommend(raw[session]!.slice(0, -1), { k: items, excludeSeen: false })
    for (const session of expected.keys()) expectClose(byItem(await ask(session)), expected.get(session)!)
    const together = await Promise.all([...expected.keys()].map(ask))
    for (const [at, session] of [...expected.keys()].entries())
      expectClose(byItem(together[at]!), expected.get(session)!)
  })
})

test('best first, seen items left out, raw ids in and out', async () => {
  const { recommender } = await loaded()
  expect(recommender).toMatchObject({
    itemColumn: 'item',
    columns: ['session', 'item'],
    items: 30,
    maxLength: 6,
  })
  const all = await recommender.recommend(events('i3', 'i4', 'i3'), { k: 30, excludeSeen: false })
  expect(all.items).toHaveLength(30)
  expect(all.items.map(({ score }) => score)).toEqual(
    all.items.map(({ score }) => score).sort((a, b) => b - a),
  )
  const unseen = all.items.filter(({ item }) => item !== 'i3' && item !== 'i4')
  expect(await recommender.recommend(events('i3', 'i4', 'i3'), { k: 30 })).toEqual({
    items: unseen,
    unknown: [],
  })
  expect(await recommender.recommend(events('i3', 'i4', 'i3'))).toEqual({
    items: unseen.slice(0, 10),
    unknown: [],
  })
  expect(Object.keys(all)).toEqual(['items', 'unknown'])
})

test('only the latest events are read, but all are seen', async () => {
  const { recommender } = await loaded({ maxLength: 3 })
  const all = { k: 30, excludeSeen: false }
  const short = await recommender.recommend(events('i5', 'i6', 'i7'), all)
  expect(await recommender.recommend(events('i1', 'i2', 'i5', 'i6', 'i7'), all)).toEqual(short)
  expect(await recommender.recommend(events('i6', 'i7'), all)).not.toEqual(short)
  const { items } = await recommender.recommend(events('i1', 'i2', 'i5', 'i6', 'i7'), { k: 30 })
  expect(items).toEqual(short.items.filter(({ item }) => !['i1', 'i2', 'i5', 'i6', 'i7'].includes(item)))
})

test('unknown items are skipped and reported, each once', async () => {
  const { recommender } = await loaded({ maxLength: 3 })
  const known = await recommender.recommend(events('i1', 'i2', 'i3'))
  const mixed = await recommender.recommend(events('i1', 'new', 'i2', 'newer', 'i3', 'new', 'newer'))
  expect(mixed).toEqual({ ...known, unknown: ['new', 'newer'] })
})

test('with nothing to go by, the popular items and their shares', async () => {
  const { recommender } = await loaded({ items: 4 })
  const items = ['i0', 'i1', 'i2', 'i3'].map((item, at) => ({ item, score: (4 - at) / 10 }))
  expect(await recommender.recommend([])).toEqual({ items, unknown: [], fallback: 'popularity' })
  expect(await recommender.recommend(events('new', 'new'), { k: 2 })).toEqual({
    items: items.slice(0, 2),
    unknown: ['new'],
    fallback: 'popularity',
  })
})

test('what was seen is left out of what is popular, too, where the workflow leaves its events out', async () => {
  const { recommender } = await loaded({ items: 4, without: 'i0' })
  const first = (answer: Recommendations): readonly string[] => answer.items.map(({ item }) => item)
  const seen = await recommender.recommend(events('i0'), { k: 2 })
  expect(seen.fallback).toBe('popularity')
  expect(first(seen)).toEqual(['i1', 'i2'])
  expect(first(await recommender.recommend(events('i0'), { k: 2, excludeSeen: false }))).toEqual(['i0', 'i1'])
  recommender.removeItems(['i1'])
  expect(first(await recommender.recommend(events('i0'), { k: 2 }))).toEqual(['i2', 'i3'])
})

test('who has seen all is recommended nothing', async () => {
  const { recommender } = await loaded({ items: 3 })
  expect(await recommender.recommend(events('i0', 'i1', 'i2'), { k: 3 })).toEqual({ items: [], unknown: [] })
})

test('the side features of an event count', async () => {
  const { recommender } = await loaded({ sides: true })
  const withColour = (colour?: string): Promise<Recommendations> =>
    recommender.recommend([{ item: 'i1', ...(colour !== undefined && { colour }) }])
  expect(await withColour('red')).not.toEqual(await withColour('blue'))
  expect(await withColour('mauve')).toEqual(await withColour())
})

test.each<[string, unknown, unknown, string, RegExp]>([
  ['k of 0', [], { k: 0 }, 'OPTION_INVALID', /from|at least 1 and at most 30, received 0/],
  ['k above the catalogue', [], { k: 31 }, 'OPTION_INVALID', /at least 1 and at most 30, received 31/],
  ['k that is no whole number', [], { k: 1.5 }, 'OPTION_INVALID', /whole number/],
  ['k that is a text', [], { k: '5' }, 'OPTION_INVALID', /received '5'/],
  ['a misspelt option', [], { excludeseen: true }, 'OPTION_UNKNOWN', /Did you mean 'excludeSeen'/],
  ['excludeSeen that is a text', [], { excludeSeen: 'no' }, 'OPTION_INVALID', /true or false/],
  [
    'an event without item',
    [{ item: 'i1' }, { colour: 'red' }],
    {},
    'COLUMN_MISSING',
    /Event 1 of 2.*no 'item'/,
  ],
  ['an event that is null', [{ item: 'i1' }, null], {}, 'OPTION_INVALID', /Event 1 of 2/],
  ['an item that is an object', [{ item: {} }], {}, 'COLUMN_INVALID', /received \{\} \(event 0/],
  ['events that are no list', 'i1', {}, 'OPTION_INVALID', /list of events/],
])('%s', async (_, given, options, code, message) => {
  const { recommender } = await loaded()
  const answer = recommender.recommend(given as readonly Event[], options as object)
  await expect(answer).rejects.toThrow(message)
  await expect(answer).rejects.toThrow(coded(code))
})

test('calls that come together are scored together, and while a run is under way the next batch gathers', async () => {
  const batches: number[] = []
  const { recommender } = await loaded({}, { onBatch: (sessions) => batches.push(sessions) })
  const asked = (count: number): Promise<Recommendations>[] =>
    Array.from({ length: count }, (_, at) => recommender.recommend(events(`i${at % 30}`)))
  const first = asked(3)
  await new Promise(setImmediate)
  const answers = await Promise.all([...first, ...asked(100)])
  expect(batches).toEqual([3, 64, 36])
  expect(answers[3 + 42]).toEqual(await recommender.recommend(events('i12')))
  expect(answers[3 + 42]!.items.map(({ item }) => item)).not.toContain('i12')
})

test('the event loop turns while a big batch is scored', async () => {
  const { recommender } = await loaded({ items: 150_000 })
  let answered = false
  const answers = Promise.all(
    Array.from({ length: 64 }, (_, at) => recommender.recommend(events(`i${at}`, `i${at + 1}`, 'i0'))),
  ).finally(() => (answered = true))
  let turns = 0
  while (!answered) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    turns++
  }
  await answers
  // The batch takes hundreds of milliseconds; were it scored on this thread, the loop would turn a few times at most.
  expect(turns).toBeGreaterThan(10)
})

test('a worker that has died is replaced by the next call', async () => {
  const threads: Worker[] = []
  const { recommender } = await loaded({}, { onThread: (thread) => threads.push(thread) })
  const before = await recommender.recommend(events('i1'))
  await threads[0]!.terminate()
  expect(await recommender.recommend(events('i1'))).toEqual(before)
  expect(threads).toHaveLength(2)
})

test.skipIf(process.platform !== 'linux')(
  'in the background the scoring thread lets others go first, and no other thread does',
  async () => {
    const folder = await temporaryFolder()
    await saveArtifact(join(folder, 'shop'), tiny({}), { createdAt })
    const priorities = (): readonly number[] =>
      readdirSync('/proc/self/task').map((thread) => {
        const [, fields] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')
        return Number(fields!.split(' ')[16])
      })
    const lowered = Math.min(19, getPriority() + 5)
    const load = (background: boolean): Promise<Recommender> =>
      loadWith(join(folder, 'shop'), { threads: 1, background }, { workerUrl })
    const usual = await load(false)
    expect(priorities()).not.toContain(lowered)
    const recommender = await load(true)
    expect(priorities().filter((each) => each === lowered)).toHaveLength(1)
    expect(await recommender.recommend(events('i1'))).toEqual(await usual.recommend(events('i1')))
    await Promise.all([usual.close(), recommender.close()])
    await expect(loadWith(folder, { background: 1 as unknown as boolean }, { workerUrl })).rejects.toThrow(
      coded('OPTION_INVALID'),
    )
  },
)

const deaths = [
  'process.exit(3)',
  'throw new Error("out of memory")',
  'Promise.reject(new Error("out of memory"))',
  // This does not die: it is given up.
  'void 0 /* no answer, ever */',
]
test.each(deaths.flatMap((die) => [1, 2].map((times) => ({ die, times }))))(
  'workers that die $times times by $die: one takes no call with it, two take theirs',
  async ({ die, times }) => {
    const folder = await temporaryFolder()
    const worker = `
      import { existsSync, writeFileSync } from 'node:fs'
      import { parentPort } from 'node:worker_threads'
      const next = [1, 2, 3].map((time) => ${JSON.stringify(join(folder, 'died'))} + time).find((path) => !existsSync(path))
      parentPort.on('message', ({ kind, rows }) => {
        if (kind === 'close') parentPort.close()
        else if (next.endsWith(${JSON.stringify(String(times + 1))})) {
          const ranked = rows.map(() => ({ columns: Int32Array.of(7), scores: Float32Array.of(0.5) }))
          parentPort.postMessage({ kind: 'ranked', ranked })
        } else {
          writeFileSync(next, '')
          ${die}
        }
      })
      parentPort.postMessage({ kind: 'ready' })`
    await writeFile(join(folder, 'worker.mjs'), worker)
    const { recommender } = await loaded(
      {},
      { workerUrl: pathToFileURL(join(folder, 'worker.mjs')), longestCallMs: 500 },
    )
    const under = [recommender.recommend(events('i1')), recommender.recommend(events('i2'))]
    for (const each of under) each.catch(() => undefined)
    await new Promise(setImmediate)
    const queued = recommender.recommend(events('i3'))
    const answer = { items: [{ item: 'i7', score: 0.5 }], unknown: [] }
    for (const each of under)
      if (times === 1) expect(await each).toEqual(answer)
      else await expect(each).rejects.toThrow(coded('RUNTIME_FAILED'))
    expect(await queued).toEqual(answer)
    expect(await recommender.recommend(events('i1'))).toEqual(answer)
  },
)

test.each([
  ['ends by itself without being closed', 0, ''],
  [
    'stays until what was asked is answered',
    0,
    "recommender.recommend([{ item: 'i2' }]).then(() => console.log('late'))",
  ],
  [
    'exits in the middle of a run',
    7,
    "for (let at = 0; at < 64; at++) recommender.recommend([{ item: 'i2' }]); setTimeout(() => process.exit(7), 20)",
  ],
])('a process %s', async (_, code, then) => {
  const folder = await temporaryFolder()
  await saveArtifact(join(folder, 'shop'), tiny({ items: 100_000 }), { createdAt })
  const script = `
    import { loadRecommender } from ${JSON.stringify(fromSource('load-recommender.ts').href)}
    const recommender = await loadRecommender(${JSON.stringify(join(folder, 'shop'))})
    const { items } = await recommender.recommend([{ item: 'i1' }])
    console.log(items.length)
    ${then}`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(run).toMatchObject({
    status: code,
    stderr: '',
    stdout: then.includes('late') ? '10\nlate\n' : '10\n',
  })
})

test('closing answers what was asked before and refuses the rest', async () => {
  const threads: Worker[] = []
  const { recommender } = await loaded({}, { onThread: (thread) => threads.push(thread) })
  const asked = recommender.recommend(events('i1'))
  const closing = [recommender.close(), recommender.close()]
  expect((await asked).items).toHaveLength(10)
  await Promise.all(closing)
  expect(threads[0]!.threadId).toBe(-1)
  await expect(recommender.recommend(events('i1'))).rejects.toThrow(coded('CLOSED'))
  await expect(recommender.recommend([])).rejects.toThrow(coded('CLOSED'))
  expect(threads).toHaveLength(1)
})

test('nothing but the folder is needed, and not even that once it is loaded', async () => {
  const { folder, recommender } = await loaded()
  const expected = await recommender.recommend(events('i1', 'i2'))
  const elsewhere = join(await temporaryFolder(), 'moved')
  await cp(folder, elsewhere, { recursive: true })
  await rm(folder, { recursive: true })
  const moved: Recommender = await loadWith(elsewhere, {}, { workerUrl })
  onTestFinished(() => moved.close())
  await rename(elsewhere, `${elsewhere}2`)
  expect(await moved.recommend(events('i1', 'i2'))).toEqual(expected)
  expect(await recommender.recommend(events('i1', 'i2'))).toEqual(expected)
})

test.each<[string, object, string, RegExp]>([
  ['a misspelt option', { thread: 1 }, 'OPTION_UNKNOWN', /Did you mean 'threads'/],
  ['no thread', { threads: 0 }, 'OPTION_INVALID', /at least 1/],
  ['a device that is not here', { device: 'coreml' }, 'DEVICE_UNAVAILABLE', /coreml/],
])('loading with %s', async (_, options, code, message) => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, tiny(), { createdAt })
  const load = loadWith(folder, options, { workerUrl })
  await expect(load).rejects.toThrow(message)
  await expect(load).rejects.toThrow(coded(code))
})

test('a worker that is not there', async () => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, tiny(), { createdAt })
  const missing = new URL('./nowhere.mjs', import.meta.url)
  await expect(loadWith(folder, {}, { workerUrl: missing })).rejects.toThrow(coded('RUNTIME_FAILED'))
})

test('an altered graph is not loaded', async () => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, tiny(), { createdAt })
  await writeFile(join(folder, 'recommend.onnx'), 'junk')
  await expect(loadWith(folder, {}, { workerUrl })).rejects.toThrow(/recommend.onnx/)
})
