import { expect, test } from 'vitest'
import { RESERVED } from '../src/codes.ts'
import { gradients, graph, input, mean, type TensorData } from '../src/graph/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { losses, type Negatives } from '../src/heads/losses/index.ts'
import { createKernels } from '../src/kernels/index.ts'
import { rootScope, table as declareTable } from '../src/nn/index.ts'
import { createRandom } from '../src/random.ts'
import { gradientParts } from '../src/train/gradient-parts.ts'
import {
  frequencyNegatives,
  logUniformNegatives,
  negativeDraws,
  uniformNegatives,
} from '../src/train/negatives/index.ts'
import { createParameterStore, storeBytes } from '../src/train/parameter-store.ts'
import { defaultPlan } from '../src/train/update-plan.ts'
import { rowGradientBytes, rowGradients } from '../src/train/row-gradients.ts'

const runtime = nodeRuntime({ threads: 1 })
const float = (dims: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', dims, data })
const whole = (dims: readonly number[], data: Int32Array): TensorData => ({ dtype: 'int32', dims, data })

function normals(length: number, seed: number, scale = 1): Float32Array {
  const random = createRandom(seed)
  return Float32Array.from({ length }, () => scale * random.normal())
}

const [WIDTH, ITEMS, LABELS] = [8, 1000, 24]
/** Low codes are the targets more often, as in a vocabulary. */
const targetCodes = Int32Array.from({ length: LABELS }, (_, at) => RESERVED + Math.floor(1.35 ** at))
const counts = Float64Array.from({ length: ITEMS }, (_, item) => Math.ceil(2000 / (item + 1)))

const table = input('table', 'float32', [ITEMS + RESERVED, WIDTH], 'parameter')
const hidden = input('hidden', 'float32', ['labels', WIDTH])
const targets = input('targets', 'int32', ['labels'])
const targetLogQ = input('targetLogQ', 'float32', ['labels'])
const fixed = {
  table: float([ITEMS + RESERVED, WIDTH], normals((ITEMS + RESERVED) * WIDTH, 1, 0.5)),
  hidden: float([LABELS, WIDTH], normals(LABELS * WIDTH, 2)),
  targets: whole([LABELS], targetCodes),
}

async function fullLoss(): Promise<number> {
  const loss = mean(losses['full-softmax'].loss({ hidden, table, targets }))
  const program = await runtime.compile(graph({ loss }))
  const { loss: value } = await program.run(fixed)
  await program.close()
  return Number(value!.data[0])
}

/** How far the mean of the sampled loss over 300 draws is from the full one. */
async function error(
  distribution: ReturnType<typeof uniformNegatives>,
  options: {
    readonly kind: 'shared' | 'each'
    readonly n: number
    readonly correctTarget?: boolean
    readonly withLogQ?: boolean
  },
): Promise<number> {
  const { kind, n, correctTarget = false, withLogQ = true } = options
  const shape = kind === 'each' ? ['labels', n] : [n]
  const negatives: Negatives = {
    kind,
    codes: input('codes', 'int32', shape),
    logQ: input('logQ', 'float32', shape),
  }
  const loss = mean(
    losses['sampled-softmax'].loss({ hidden, table, targets, negatives, targetLogQ }, { correctTarget }),
  )
  const program = await runtime.compile(graph({ loss }))
  const dims = kind === 'each' ? [LABELS, n] : [n]
  const draws = negativeDraws({ kind, distribution, count: n, seed: n })
  let total = 0
  for (let draw = 0; draw < 300; draw++) {
    const { codes, logQ, targetLogQ: own } = draws.draw(targetCodes, LABELS)
    const { loss: value } = await program.run({
      ...fixed,
      codes: whole(dims, codes),
      logQ: float(dims, withLogQ ? logQ : new Float32Array(logQ.length)),
      targetLogQ: float([LABELS], withLogQ ? own : new Float32Array(own.length)),
    })
    total += Number(value!.data[0])
  }
  await program.close()
  return Math.abs(total / 300 - (await fullLoss()))
}

test.each(
  [uniformNegatives(ITEMS), logUniformNegatives(ITEMS), frequencyNegatives(counts)].flatMap((distribution) =>
    (['shared', 'each'] as const).map((kind) => [distribution.kind, kind, distribution] as const),
  ),
)(
  'sampled softmax of %s negatives, %s, comes near the full one as there are more',
  async (_, kind, distribution) => {
    const errors = { kept: [] as number[], corrected: [] as number[] }
    for (const n of [16, 64, 256]) {
      errors.kept.push(await error(distribution, { kind, n }))
      errors.corrected.push(await error(distribution, { kind, n, correctTarget: true }))
    }
    const shown = JSON.stringify(errors)
    for (const [few, more, many] of Object.values(errors) as [number, number, number][])
      expect(few > more && more > many, shown).toBe(true)
    const [, more, many] = errors.kept as [number, number, number]
    expect(many < 0.08, shown).toBe(true)
    // Without logQ it is another loss.
    expect(await error(distribution, { kind, n: 64, withLogQ: false }), shown).toBeGreaterThan(10 * more)
  },
)

test('a catalogue of a million items is updated by rows: those of the batch, and no other', async () => {
  const [items, labels, n, width] = [1_000_000, 64, 128, 4]
  const scope = rootScope('train')
  const items_ = declareTable(scope, items + RESERVED, width, { update: 'rows' })
  const x = input('hidden', 'float32', ['labels', width])
  const logQ = input('logQ', 'float32', [n])
  const negatives = { kind: 'shared', codes: input('codes', 'int32', [n]), logQ } as const
  const loss = mean(
    losses['sampled-softmax'].loss({ hidden: x, table: items_, targets, targetLogQ, negatives }),
  )
  const parts = gradientParts(gradients(loss, [items_])[0]!)
  expect(parts.dense).toBeUndefined()

  const [parameter] = scope.parameters as [(typeof scope.parameters)[number]]
  const sizes = { labels }
  const plan = defaultPlan()
  const kernels = await createKernels({
    bytes: storeBytes([parameter], plan) + rowGradientBytes({ parameter }, parts, { largest: sizes }),
  })
  const { slots } = createParameterStore(kernels, [parameter], { seed: 1, plan })
  const slot = slots[0]!
  const byRows = rowGradients(kernels, slot, parts, { largest: sizes })
  const program = await runtime.compile(graph({ loss, ...byRows.outputs }))
  const draws = negativeDraws({ kind: 'shared', distribution: logUniformNegatives(items), count: n, seed: 1 })
  const own = Int32Array.from({ length: labels }, (_, at) => RESERVED + at * 15_000)
  const drawn = draws.draw(own, labels)
  const before = slot.values.slice()
  const feeds = {
    [parameter.name]: float(parameter.shape, slot.values),
    hidden: float([labels, width], normals(labels * width, 3)),
    targets: whole([labels], own),
    targetLogQ: float([labels], drawn.targetLogQ),
    codes: whole([n], drawn.codes),
    logQ: float([n], drawn.logQ),
  }
  const first = Number((await program.run(feeds, byRows.into(sizes)))['loss']!.data[0])
  byRows.hold(sizes)
  const { rows, gradients: values } = byRows.combine()
  kernels.updateRows(
    slot.update!.rule.kernel,
    { parameters: slot.values, gradients: values, states: Object.values(slot.states), rows, width },
    { learningRate: 0.1, weightDecay: 0, step: 1, gradientScale: 1 },
  )
  const expected = new Set([...own, ...drawn.codes])
  expect(new Set(rows)).toEqual(expected)
  const moved = new Set<number>()
  for (let at = 0; at < before.length; at++)
    if (before[at] !== slot.values[at]) moved.add(Math.floor(at / width))
  expect(moved).toEqual(expected)
  expect(Number((await program.run(feeds))['loss']!.data[0])).toBeLessThan(first - 0.1)
  await program.close()
})
