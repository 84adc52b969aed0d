import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { sasrec } from '../blocks/index.ts'
import { expressions as f } from '../expressions/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem, regression } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { train } from '../train/index.ts'
import { workflow, type Event } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'

const column = (name: string, type: 'text' | 'number') => f.column(name, type)

/** Trains, saves, loads and asks a model whose features have these names, of which the last is a context of the session. */
async function recommended([code, number, other]: readonly [string, string, string]) {
  const folder = await temporaryFolder()
  const lines = Array.from({ length: 160 }, (_, at) =>
    JSON.stringify(
      Object.fromEntries([
        ['session', `s${at >> 2}`],
        ['item', `i${(at * 7 + (at >> 2)) % 13}`],
        [code, `c${at % 3}`],
        [number, (at % 5) + 1],
      ]),
    ),
  )
  const path = join(folder, 'events.jsonl')
  await writeFile(path, lines.join('\n'))
  const { fitted, sessions } = await workflow({
    session: 'session',
    item: 'item',
    features: Object.fromEntries([
      ['item', f.categorify(column('item', 'text'))],
      [code, f.categorify(column(code, 'text'))],
      [number, column(number, 'number')],
      [other, f.categorify(column(code, 'text'))],
    ]),
  }).fitTransform({ path })
  const rows = fitted.schema.items
  const made = model(fitted.schema, {
    masking: causal(),
    block: sasrec({ width: 8, layers: 1, heads: 1 }),
    heads: [nextItem(), regression({ target: number })],
    inputs: {
      content: { features: [code, number] },
      context: { columns: [other], fusion: 'concat' },
      leaveOut: [],
    },
    content: Object.fromEntries([
      [code, Float32Array.from({ length: rows }, (_, at) => at % 5)],
      [number, Float32Array.from({ length: rows }, (_, at) => at / 10)],
    ]),
    maxLength: 6,
  })
  const trained = await train(made, sessions, { runtime: nodeRuntime({ threads: 1 }), epochs: 1 })
  const saved = join(folder, 'artifact')
  await saveArtifact(saved, { ...trained, workflow: fitted }, { createdAt: new Date(0) })
  const recommender = await loadWith(saved, { threads: 1 }, { workerUrl: fromSource('worker.ts') })
  onTestFinished(() => recommender.close())
  const event: Event = Object.fromEntries<string | number>([
    ['item', 'i3'],
    [code, 'c1'],
    [number, 2],
  ])
  await recommender.addItems([{ columns: { ...event, item: 'new' } }])
  return recommender.recommend([event], { k: 14 })
}

test.each([
  [['constructor', 'toString', 'valueOf']],
  [['__proto__', 'hasOwnProperty', 'isPrototypeOf']],
  [['toLocaleString', '__proto__', 'propertyIsEnumerable']],
  [['toString', 'constructor', '__proto__']],
] as const)(
  'features called %j, as every object has something called, are features as others',
  async (names) => {
    const [plain, inherited] = [await recommended(['colour', 'price', 'shade']), await recommended(names)]
    expect(inherited.items).toHaveLength(plain.items.length)
    expect(inherited.items.every(({ score }) => Number.isFinite(score))).toBe(true)
    expect(inherited.items.map(({ item }) => item)).toContain('new')
  },
)
