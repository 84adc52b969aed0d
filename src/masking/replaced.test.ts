import { expect, test } from 'vitest'
import { RESERVED } from '../codes.ts'
import { gather, gemm, greater, input, slice, where, type Tensor } from '../graph/index.ts'
import { evaluate, real, whole, type Fed } from '../graph/operators/check-operator.test-support.ts'
import { rootScope } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import { replaced, sample, type ReplacedOptions } from './replaced.ts'

const [ITEMS, WIDTH] = [7, 3]
/** Two sessions in the first row, one in the second, then padding; three events are hidden. */
const segments = [1, 1, 2, 2, 2, 1, 1, 1, 1, 0]
const order = [0, 1, 0, 0, 1, 0, 1, 0, 0, 0]
const labelAt = [0, 0, 0, 0, 1, 0, 2, 0, 0, 0]
const items = [2, 5, 4, 2, 8, 3, 6, 6, 7, 0]
const labelItems = [5, 8, 6]

const grid = (values: readonly number[]): Fed => whole([2, 5], values, { dtype: 'int32' })
const table = real([ITEMS + RESERVED, WIDTH], { seed: 1 })
const states = real([3, WIDTH], { seed: 2, shape: ['labels', WIDTH] })

/** A model without a block: what it knows of an event is the item's vector. */
function discriminator(options: ReplacedOptions) {
  const scope = rootScope('train')
  const places = (name: string): Tensor => input(name, 'int32', [2, 5])
  const [vectors, hidden] = [
    input('table', 'float32', table.dims),
    input('states', 'float32', ['labels', WIDTH]),
  ]
  const [hides, at] = [places('order'), places('labelAt')]
  const seen = (codes: Tensor): Tensor =>
    gather(vectors, where(greater(hides, 0), gather(codes, at), places('items')))
  const labels = input('labelItems', 'int32', ['labels'])
  const loss = replaced(options).auxiliary!.loss({
    scope,
    segments: places('segments'),
    order: hides,
    labelAt: at,
    labelItems: labels,
    reserved: RESERVED,
    scores: () => gemm(hidden, slice(vectors, { axis: 0, start: RESERVED }), { transposeB: true }),
    scoresOf: (codes) => gemm(hidden, gather(vectors, codes), { transposeB: true }),
    exchangedItems: (codes) => seen(codes),
    exchangedEvents: (others) => seen(gather(labels, others)),
    encode: (x) => x,
  })
  return { loss, scope }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0)
const row = ({ values, dims }: Fed, at: number): readonly number[] =>
  values.slice(at * dims[1]!, (at + 1) * dims[1]!)
const dot = (left: readonly number[], right: readonly number[]): number =>
  sum(left.map((each, at) => each * right[at]!))

/** The item at which the running sum of the generator's probabilities passes a number that was drawn from [0, 1). */
function drawn(scores: readonly number[], uniform: number): number {
  const total = sum(scores.map(Math.exp))
  let running = 0
  for (const [at, score] of scores.entries()) {
    running += Math.exp(score) / total
    if (running >= uniform) return at
  }
  return scores.length - 1
}

/** ELECTRA's discriminator as the paper tells it (Clark et al. 2020, §2), event by event. */
function slowLoss(
  uniform: readonly number[],
  sampleFrom: 'batch' | 'catalogue',
  weights: Readonly<Record<string, Fed>>,
): number {
  const candidates =
    sampleFrom === 'batch' ? labelItems : Array.from({ length: ITEMS }, (_, at) => at + RESERVED)
  const linear = (name: string, x: readonly number[]): readonly number[] => {
    const [weight, bias] = [weights[`discriminator.${name}.weight`]!, weights[`discriminator.${name}.bias`]!]
    return bias.values.map((offset, at) => offset + dot(row(weight, at), x))
  }
  let loss = 0
  for (const [place, segment] of segments.entries()) {
    if (segment === 0) continue
    const label = labelAt[place]!
    const original = items[place]!
    const shown =
      order[place] === 0
        ? original
        : candidates[
            drawn(
              candidates.map((code) => dot(row(states, label), row(table, code))),
              uniform[label]!,
            )
          ]!
    const probability = sigmoid(linear('out', linear('dense', row(table, shown)).map(Math.tanh))[0]!)
    loss -= Math.log(shown === original ? 1 - probability : probability)
  }
  return loss / segments.filter((segment) => segment > 0).length
}

test.each(['batch', 'catalogue'] as const)(
  'the discriminator’s loss is that of the plain reference, samples from the %s',
  async (sampleFrom) => {
    const { loss, scope } = discriminator({ sampleFrom, discriminatorWeight: 3 })
    const weights = Object.fromEntries(
      scope.parameters.map(({ name, shape }, at) => [name, real(shape, { seed: 10 + at })]),
    )
    const [uniformDraw] = scope.draws
    const random = createRandom(4)
    const losses = new Set<number>()
    for (let draw = 0; draw < 20; draw++) {
      const uniform = [random.uniform(), random.uniform(), random.uniform()]
      const fed = {
        ...weights,
        ...{
          table,
          states,
          order: grid(order),
          labelAt: grid(labelAt),
          items: grid(items),
          segments: grid(segments),
        },
        labelItems: whole([3], labelItems, { dtype: 'int32', shape: ['labels'] }),
        [uniformDraw!.name]: {
          dtype: 'float32',
          dims: [3, 1],
          shape: ['labels', 1],
          values: uniform,
        } as const,
      }
      const received = (await evaluate({ loss }, fed))['loss']!.values[0]!
      const expected = 3 * slowLoss(uniform, sampleFrom, weights)
      expect(Math.abs(received - expected)).toBeLessThan(1e-5)
      losses.add(Math.round(1e4 * received))
    }
    // The samples differ, and the loss with them.
    expect(losses.size).toBeGreaterThan(3)
  },
)

test('samples come as often as the generator says', async () => {
  const draws = 20_000
  const random = createRandom(9)
  const scores = [0.3, -1, 2, 0.5]
  const fed = {
    scores: {
      dtype: 'float32',
      dims: [draws, 4],
      shape: ['n', 4],
      values: Array.from({ length: 4 * draws }, (_, at) => scores[at % 4]!),
    },
    uniform: {
      dtype: 'float32',
      dims: [draws, 1],
      shape: ['n', 1],
      values: Array.from({ length: draws }, () => random.uniform()),
    },
  } as const
  const y = sample(input('scores', 'float32', ['n', 4]), input('uniform', 'float32', ['n', 1]))
  const received = (await evaluate({ y }, fed))['y']!.values
  const total = sum(scores.map(Math.exp))
  for (const [at, score] of scores.entries()) {
    const expected = Math.exp(score) / total
    const rate = received.filter((each) => each === at).length / draws
    expect(Math.abs(rate - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / draws))
  }
})
