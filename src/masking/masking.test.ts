import { describe, expect, test } from 'vitest'
import { planEvaluation, planTraining, type Batch, type Sessions } from '../data/index.ts'
import { createRandom } from '../random.ts'
import { causal, masked, permuted, replaced, type Masking } from './index.ts'

/** Sessions of one event after the other: the item of event i of a session is 10 + i, its price i + 0.5. */
function sessionsOf(lengths: readonly number[]): Sessions {
  const offsets = Int32Array.from(
    [0, ...lengths.keys()].map((_, at) => lengths.slice(0, at).reduce((a, b) => a + b, 0)),
  )
  const places = lengths.flatMap((length) => [...Array(length).keys()])
  return {
    count: lengths.length,
    offsets,
    items: Int32Array.from(places, (place) => 10 + place),
    categorical: { colour: Int32Array.from(places, (place) => 20 + place) },
    continuous: { price: Float32Array.from(places, (place) => place + 0.5) },
    ids: lengths.map(String),
  }
}

const MAX_LENGTH = 5

/** What a batch of one session shows: a column each, by place. */
const shown = ({ items, categorical, continuous, order, labelPositions, labelItems }: Batch) => ({
  items: [...items],
  colour: [...categorical['colour']!],
  price: [...continuous['price']!],
  order: order && [...order],
  labels: Object.fromEntries([...labelPositions].map((place, at) => [place, labelItems[at]])),
})

const evaluated = (masking: Masking, length: number) =>
  shown(planEvaluation(sessionsOf([length]), { maxLength: MAX_LENGTH, batchSize: 1, masking }).batch(0))
const trained = (masking: Masking, length: number, epoch = 1) =>
  shown(
    planTraining(sessionsOf([length]), {
      maxLength: MAX_LENGTH,
      batchSize: 1,
      seed: 1,
      epoch,
      masking,
    }).batch(0),
  )

const bothKinds = { masked: masked(), permuted: permuted(), replaced: replaced() }
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

describe('in evaluation the last event is predicted, and is not in the batch', () => {
  // Lengths 2, L − 1, L, L + 1, and one that is cut to the latest L + 1 events.
  test.each([2, 4, 5, 6, 9])('causal, %i events', (length) => {
    const first = Math.max(0, length - 1 - MAX_LENGTH)
    const inputs = range(first, length - 1)
    expect(evaluated(causal(), length)).toEqual({
      items: inputs.map((event) => 10 + event),
      colour: inputs.map((event) => 20 + event),
      price: inputs.map((event) => event + 0.5),
      order: undefined,
      labels: { [inputs.length - 1]: 10 + length - 1 },
    })
  })
  for (const [kind, masking] of Object.entries(bothKinds))
    test.each([2, 4, 5, 6, 9])(`${kind}, %i events`, (length) => {
      const first = Math.max(0, length - 1 - MAX_LENGTH)
      const inputs = range(first, length - 1)
      expect(evaluated(masking, length)).toEqual({
        items: [...inputs.map((event) => 10 + event), 0],
        colour: [...inputs.map((event) => 20 + event), 0],
        price: [...inputs.map((event) => event + 0.5), 0],
        order: [...inputs.map(() => 0), 1],
        labels: { [inputs.length]: 10 + length - 1 },
      })
    })
  test.each([0, 1])('%i events are no session to evaluate or train on', (length) => {
    for (const masking of [causal(), ...Object.values(bothKinds)]) {
      expect(() => evaluated(masking, length)).toThrow(/2 or more events/)
      expect(() => trained(masking, length)).toThrow(/2 or more events/)
    }
  })
})

describe('in training', () => {
  test.each([2, 4, 5, 6, 9])('causal predicts every event but the first, %i events', (length) => {
    const first = Math.max(0, length - 1 - MAX_LENGTH)
    const inputs = range(first, length - 1)
    expect(trained(causal(), length)).toEqual({
      items: inputs.map((event) => 10 + event),
      colour: inputs.map((event) => 20 + event),
      price: inputs.map((event) => event + 0.5),
      order: undefined,
      labels: Object.fromEntries(inputs.map((event, place) => [place, 11 + event])),
    })
  })

  test.each([2, 4, 5, 6, 9])('masked hides targets, and nothing else, %i events', (length) => {
    const first = Math.max(0, length - 1 - MAX_LENGTH)
    for (const epoch of range(1, 30)) {
      const { items, colour, price, order, labels } = trained(masked(), length, epoch)
      const hidden = order!.map((rank) => rank !== 0)
      expect(items).toEqual(hidden.map((is, place) => (is ? 0 : 10 + first + place)))
      expect(colour).toEqual(hidden.map((is, place) => (is ? 0 : 20 + first + place)))
      expect(price).toEqual(hidden.map((is, place) => (is ? 0 : first + place + 0.5)))
      expect(labels).toEqual(
        Object.fromEntries(hidden.flatMap((is, place) => (is ? [[place, 10 + first + place]] : []))),
      )
      expect(hidden).toContain(true)
      expect(hidden).toContain(false)
    }
  })

  test.each([
    ['permuted', permuted()],
    ['replaced', replaced()],
  ])('%s holds its targets, since the graph reads them', (kind, masking) => {
    for (const epoch of range(1, 30)) {
      const { items, order, labels } = trained(masking, 6, epoch)
      expect(items).toEqual([10, 11, 12, 13, 14, 15])
      const targets = order!.flatMap((rank, place) => (rank === 0 ? [] : [place]))
      expect(labels).toEqual(Object.fromEntries(targets.map((place) => [place, 10 + place])))
      const ranks = order!.filter((rank) => rank !== 0).sort()
      expect(ranks).toEqual(kind === 'permuted' ? range(1, targets.length + 1) : targets.map(() => 1))
      expect(targets.length).toBeGreaterThan(0)
      expect(targets.length).toBeLessThan(6)
    }
  })

  test('permuteAll predicts all events but one', () => {
    const { order } = trained(permuted({ permuteAll: true }), 6)
    expect(order!.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test.each([
    ['causal', causal({ trainOn: 'last' })],
    ['masked', masked({ trainOn: 'last' })],
    ['permuted', permuted({ trainOn: 'last' })],
    ['replaced', replaced({ trainOn: 'last' })],
  ])('%s on the last event alone', (_, masking) => {
    const { labels } = trained(masking, 6)
    expect(Object.values(labels)).toEqual([15])
  })
})

const DRAWS = 10_000

/** How often each event is a target, over many draws. */
function rates(masking: Masking, events: number): readonly number[] {
  const random = createRandom(5)
  const counts = new Array<number>(events).fill(0)
  for (let draw = 0; draw < DRAWS; draw++)
    for (const event of masking.targets('train', events, random).events) counts[event]!++
  return counts.map((count) => count / DRAWS)
}

/** Within four standard errors: a right rate fails once in 16,000 times, and the seed is fixed. */
const expectRate = (rate: number, expected: number): void =>
  expect(Math.abs(rate - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / DRAWS))

test.each([
  [0.2, 2],
  [0.2, 3],
  [0.2, 10],
  [0.5, 4],
  [0.9, 5],
])(
  'masked and replaced hide each event with probability %d, corrected where none or all come up, of %i',
  (p, n) => {
    // None came up: one of n is added. All did: one of n is taken out.
    const expected = p + (1 - p) ** n / n - p ** n / n
    for (const masking of [masked({ probability: p }), replaced({ probability: p })])
      for (const rate of rates(masking, n)) expectRate(rate, expected)
  },
)

/** Permutation language modelling told from the paper's code, event by event, with the random numbers that it draws. */
function slowSpans(
  events: number,
  { probability, maxSpan }: { probability: number; maxSpan: number },
  seed: number,
) {
  const random = createRandom(seed)
  const isTarget = new Array<boolean>(events).fill(false)
  let current = 0
  while (current < events) {
    const span = 1 + random.below(maxSpan)
    const context = Math.max(span, Math.floor(span / probability))
    const start = current + random.below(context - span + 1)
    for (let event = 0; event < events; event++)
      if (event >= start && event < start + span) isTarget[event] = true
    current += context
  }
  const targets = isTarget.filter(Boolean).length
  if (targets === 0) isTarget[random.below(events)] = true
  if (targets === events) isTarget[random.below(events)] = false
  return isTarget.flatMap((is, event) => (is ? [event] : []))
}

test('permuted draws the spans of the plain reference', () => {
  for (const options of [
    { probability: 1 / 6, maxSpan: 5 },
    { probability: 0.5, maxSpan: 3 },
    { probability: 0.9, maxSpan: 1 },
  ])
    for (const events of [2, 3, 7, 20, 50])
      for (const seed of range(0, 50)) {
        const { events: drawn } = permuted(options).targets('train', events, createRandom(seed))
        expect([...drawn]).toEqual(slowSpans(events, options, seed))
      }
})

test('permuted takes about its share of a long session, every event alike, in every order', () => {
  const all = rates(permuted({ probability: 0.25, maxSpan: 4 }), 400)
  const middle = all.slice(50, 350)
  const mean = middle.reduce((sum, rate) => sum + rate, 0) / middle.length
  expect(Math.abs(mean - 0.25)).toBeLessThan(0.005)
  const random = createRandom(2)
  const orders = new Map<string, number>()
  for (let draw = 0; draw < DRAWS; draw++) {
    const { order } = permuted({ permuteAll: true }).targets('train', 4, random)
    orders.set([...order!].join(), (orders.get([...order!].join()) ?? 0) + 1)
  }
  expect(orders.size).toBe(6)
  for (const count of orders.values()) expectRate(count / DRAWS, 1 / 6)
})
