import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/** A process of its own, so that memory is its own: a model of a million items, untrained, evaluated beyond accuracy and by slices. Needs `npm run build`. */
const program = (items: number): string => `
const load = (path) => import(new URL(path, '${new URL('../dist/', import.meta.url).href}').href)
const { model, blocks, heads, masking, modelScorer, evaluateRanking, itemVectors, nodeRuntime } = await load('index.js')
const { createRandom } = await load('random.js')
const items = ${items}
const random = createRandom(1)
const made = model(
  { items: items + 2, categorical: {}, continuous: [] },
  { masking: masking.causal(), block: blocks.sasrec({ width: 16, layers: 1, heads: 1 }), heads: [heads.nextItem()], maxLength: 10 },
)
const weights = Object.fromEntries(made.parameters.map(({ name, shape }) => {
  const values = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
  for (let at = 0; at < values.length; at++) values[at] = random.uniform() - 0.5
  return [name, values]
}))
const count = 256
const codes = Int32Array.from({ length: count * 6 }, () => 2 + random.below(items))
const sessions = {
  count, items: codes, categorical: {}, continuous: {},
  offsets: Int32Array.from({ length: count + 1 }, (_, at) => at * 6),
  ids: Array.from({ length: count }, (_, at) => String(at)),
}
const runtime = nodeRuntime()
const vectors = await itemVectors(made, runtime, weights)
const scorer = await modelScorer(made, runtime, weights)
const before = process.resourceUsage().maxRSS * 1024
const result = await evaluateRanking(scorer, sessions, { train: sessions, beyond: { vectors }, slices: ['length', 'popularity'] })
await scorer.close()
const peak = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ before, peak, sessions: result.sessions, coverage: result['coverage@20'] }))
`

it('a catalogue of a million items is evaluated in the memory of a few batches of 64 MiB', () => {
  const started = performance.now()
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program(1_000_000)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  })
  expect(ran.stderr).toBe('')
  const { before, peak, sessions, coverage } = JSON.parse(ran.stdout) as Readonly<Record<string, number>>
  console.log(
    `peak ${(peak! / 1e6).toFixed(0)} MB, ${((peak! - before!) / 1e6).toFixed(0)} MB above the model; ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  expect(sessions).toBe(256)
  expect(coverage).toBeGreaterThan(0)
  // All scores at once would be 1024 MB, a batch of 128 sessions 512 MB, with its copies more than that.
  expect(peak! - before!).toBeLessThan(450e6)
})
