import { describe, expect, test } from 'vitest'
import { gradients, input, mean, slice, sum, type Shape, type Tensor } from '../../graph/index.ts'
import {
  evaluate,
  expectClose,
  real,
  whole,
  type Fed,
} from '../../graph/operators/check-operator.test-support.ts'
import { gradientParts } from '../../train/gradient-parts.ts'
import { losses, type LossKind, type Negatives, type NegativesKind, type NextItemLoss } from './index.ts'

const [WIDTH, ROWS] = [3, 9]
const leaf = (name: string, shape: Shape): Tensor => input(name, 'float32', shape, 'parameter')
const hidden = leaf('hidden', ['labels', WIDTH])
const table = leaf('table', [ROWS, WIDTH])
const bias = leaf('bias', [ROWS])
const targets = input('targets', 'int32', ['labels'])
const targetLogQ = input('targetLogQ', 'float32', ['labels'])
const withBias = { hidden, table, bias, targets }

const codesShape = (kind: NegativesKind, n: number): Shape => (kind === 'each' ? ['labels', n] : [n])
function negativesOf(kind: NegativesKind, n = 4): Negatives {
  if (kind === 'batch') return { kind }
  const shape = codesShape(kind, n)
  return { kind, codes: input('codes', 'int32', shape), logQ: input('logQ', 'float32', shape) }
}

/** For four labels; some are their targets. */
const codesOf = (kind: NegativesKind): readonly number[] =>
  kind === 'each' ? [3, 5, 8, 2, 6, 7, 8, 4, 4, 2, 3, 3, 7, 5, 2, 2] : [3, 5, 8, 6]

const records: readonly NextItemLoss[] = Object.values(losses)
const sampled = records.flatMap((record) =>
  record.negatives.flatMap((kind) =>
    [false, true].map((unit) => [record.kind, kind, unit ? 'at length 1' : 'as they are', unit] as const),
  ),
)
const recordOf = (kind: string): NextItemLoss => losses[kind as LossKind]

/** Values of all inputs: `codes` and `targets` as given, numbers without a pattern for the rest. */
function values(
  codes: readonly number[],
  own: readonly number[],
  kind: NegativesKind,
): Readonly<Record<string, Fed>> {
  const [labels, n] = [own.length, kind === 'each' ? codes.length / own.length : codes.length]
  const dims = kind === 'each' ? [labels, n] : [n]
  return {
    hidden: real([labels, WIDTH], { seed: 1, shape: ['labels', WIDTH] }),
    table: real([ROWS, WIDTH], { seed: 2 }),
    bias: real([ROWS], { seed: 3 }),
    targets: whole([labels], own, { dtype: 'int32', shape: ['labels'] }),
    targetLogQ: real([labels], { seed: 4, shape: ['labels'] }),
    codes: whole(dims, codes, { dtype: 'int32', shape: codesShape(kind, n) }),
    logQ: real(dims, { seed: 5, shape: codesShape(kind, n) }),
  }
}

const slopesOf = (loss: Tensor, leaves: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    gradients(loss, Object.values(leaves)).map((slope, at) => [`d_${Object.keys(leaves)[at]!}`, slope]),
  )

test('each record has its name, and is frozen', () => {
  for (const [kind, record] of Object.entries(losses)) {
    expect(record.kind).toBe(kind)
    expect(Object.isFrozen(record) && Object.isFrozen(record.negatives)).toBe(true)
    expect(JSON.parse(JSON.stringify(record.resolve({})))).toEqual(record.resolve({}))
  }
})

describe.each(sampled)('%s with negatives of the kind %s, rows %s', (kind, negatives, _, unit) => {
  const loss = recordOf(kind).loss({ ...withBias, unit, targetLogQ, negatives: negativesOf(negatives) })

  test('has gradients of table and bias that are rows only', () => {
    for (const gradient of gradients(mean(loss), [table, bias])) {
      const parts = gradientParts(gradient)
      expect(parts.dense).toBeUndefined()
      expect(parts.rows.length).toBeGreaterThan(0)
    }
  })

  test('has the gradient of a central difference, along a direction without a pattern', async () => {
    const fed = values(codesOf(negatives), [3, 5, 3, 8], negatives)
    const leaves = { hidden, table, bias }
    const received = await evaluate(slopesOf(sum(loss), leaves), fed)
    const at = async (step: number): Promise<number> => {
      const moved = Object.keys(leaves).map((name, seed) => {
        const direction = real(fed[name]!.dims, { seed: 50 + seed }).values
        const own = fed[name]!.values.map((value, place) => value + step * direction[place]!)
        return [name, { ...fed[name]!, values: own }] as const
      })
      const { loss: value } = await evaluate({ loss: sum(loss) }, { ...fed, ...Object.fromEntries(moved) })
      return value!.values[0]!
    }
    const slope = Object.keys(leaves).reduce((all, name, seed) => {
      const direction = real(fed[name]!.dims, { seed: 50 + seed }).values
      return (
        all + received[`d_${name}`]!.values.reduce((sum, each, place) => sum + each * direction[place]!, 0)
      )
    }, 0)
    const difference = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5
    expect(Math.abs(slope)).toBeGreaterThan(0.01)
    expect(Math.abs(slope - difference)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)))
  })

  test('has nothing to push down where every negative is the target itself', async () => {
    const fed = values([3, 3, 3, 3], [3], negatives)
    const received = await evaluate({ loss, ...slopesOf(sum(loss), { hidden, table }) }, fed)
    // These two pull the target up by itself.
    const alone = kind === 'bce' || kind === 'gbce'
    for (const { values: all } of Object.values(received)) {
      expect(all.every(Number.isFinite)).toBe(true)
      if (!alone) expect(all.every((each) => Math.abs(each) < 1e-7)).toBe(true)
    }
    expect(received['loss']!.values[0]! > 0.01).toBe(alone)
  })
})

const ofBatch = sampled.filter(([, kind, , unit]) => (kind === 'batch' || kind === 'mixed') && !unit)

test.each(ofBatch)(
  '%s with negatives of the kind %s: those of its own session are none',
  async (kind, negatives) => {
    const sessions = input('sessions', 'int32', ['labels'])
    const inputs = { ...withBias, targetLogQ, negatives: negativesOf(negatives) }
    const slopes = async (of: readonly number[] | undefined) => {
      const loss = recordOf(kind).loss({ ...inputs, ...(of && { sessions }) })
      const fed = {
        ...values([6, 6, 6, 6], [3, 5, 3, 8], negatives),
        ...(of && { sessions: whole([4], of, { dtype: 'int32', shape: ['labels'] }) }),
      }
      // Of the first label alone, whose target is 3.
      const first = sum(slice(loss, { axis: 0, start: 0, length: 1 }))
      const { d_bias } = await evaluate(slopesOf(first, { bias }), fed)
      return d_bias!.values.map((each) => Math.abs(each) > 1e-9)
    }
    const drawn = negatives === 'mixed'
    const pushed = (...codes: number[]): readonly boolean[] =>
      Array.from({ length: ROWS }, (_, code) => codes.includes(code) || (drawn && code === 6))
    expect(await slopes(undefined)).toEqual(pushed(3, 5, 8))
    expect(await slopes([0, 1, 1, 2])).toEqual(pushed(3, 5, 8))
    expect(await slopes([7, 7, 1, 2])).toEqual(pushed(3, 8))
    expect(await slopes([0, 1, 1, 0])).toEqual(pushed(3, 5))
  },
)

describe('sampled softmax with every item as a negative is the full softmax', () => {
  const all = Array.from({ length: ROWS - 2 }, (_, item) => item + 2)
  test.each([
    ['shared', false],
    ['shared', true],
    ['each', false],
    ['each', true],
  ] as const)('%s, rows at length 1: %s', async (kind, unit) => {
    const temperature = 0.8
    const own = [3, 5, 3, 8]
    const codes = kind === 'each' ? own.flatMap(() => all) : all
    const fed = values(codes, own, kind)
    const noLogQ = {
      ...fed,
      logQ: { ...fed['logQ']!, values: codes.map(() => 0) },
      targetLogQ: { ...fed['targetLogQ']!, values: own.map(() => 0) },
    }
    const leaves = { hidden, table, bias }
    const negatives = negativesOf(kind, all.length)
    const few = losses['sampled-softmax'].loss({ ...withBias, unit, targetLogQ, negatives }, { temperature })
    const whole = losses['full-softmax'].loss({ ...withBias, unit }, { temperature })
    const received = await evaluate({ loss: few, ...slopesOf(mean(few), leaves) }, noLogQ)
    const expected = await evaluate({ loss: whole, ...slopesOf(mean(whole), leaves) }, noLogQ)
    for (const name of Object.keys(expected)) expectClose(received[name]!, expected[name]!, 1e-12, name)
  })
})

test('rows at length 1 count alike however long they are', async () => {
  const fed = values([], [3, 5, 3, 8], 'shared')
  const stretched = {
    ...fed['table']!,
    values: fed['table']!.values.map((value, at) => value * (2 + Math.floor(at / WIDTH))),
  }
  const of = async (unit: boolean, own: Fed) =>
    (await evaluate({ loss: losses['full-softmax'].loss({ ...withBias, unit }) }, { ...fed, table: own }))
      .loss!
  expectClose(await of(true, stretched), await of(true, fed['table']!), 1e-9, 'unit')
  expect((await of(false, stretched)).values).not.toEqual((await of(false, fed['table']!)).values)
})

test('gBCE with calibration 0 is BCE; with more it lowers the share of the target alone', async () => {
  const negatives = negativesOf('each', 2)
  const inputs = { hidden, table, targets, negatives, targetLogQ }
  const fed = values([3, 5, 8, 2, 6, 7, 4, 4], [2, 3, 5, 8], 'each')
  const at = async (calibration: number): Promise<readonly number[]> =>
    (await evaluate({ loss: losses.gbce.loss(inputs, { calibration, prior: false }) }, fed))['loss']!.values
  const { loss } = await evaluate({ loss: losses.bce.loss(inputs, { prior: false }) }, fed)
  expect(await at(0)).toEqual(loss!.values)
  const [half, whole] = [await at(0.5), await at(1)]
  // β = 1 − t(1 − α) with α = 2 of 6.
  for (const [label, value] of loss!.values.entries()) {
    const saved = value - whole[label]!
    expect(saved).toBeGreaterThan(0)
    expect(value - half[label]!).toBeCloseTo(saved / 2, 10)
  }
})

test('label smoothing of the full softmax is the mean over all targets', async () => {
  const fed = values([], [3], 'shared')
  const at = async (target: number, labelSmoothing: number): Promise<number> => {
    const given = { ...fed, targets: { ...fed['targets']!, values: [target] } }
    const loss = losses['full-softmax'].loss(withBias, { labelSmoothing })
    return (await evaluate({ loss }, given))['loss']!.values[0]!
  }
  let all = 0
  for (let code = 2; code < ROWS; code++) all += (await at(code, 0)) / (ROWS - 2)
  expect(await at(3, 0.3)).toBeCloseTo(0.7 * (await at(3, 0)) + 0.3 * all, 10)
})

test('scores of a thousand give finite losses and gradients in single precision', async () => {
  for (const [kind, negatives] of sampled) {
    const fed = values(codesOf(negatives), [3, 5, 3, 8], negatives)
    const far = {
      ...fed,
      hidden: { ...fed['hidden']!, values: fed['hidden']!.values.map((each) => 1000 * each) },
    }
    const loss = recordOf(kind).loss({ ...withBias, targetLogQ, negatives: negativesOf(negatives) })
    const received = await evaluate({ loss, ...slopesOf(mean(loss), { hidden, table, bias }) }, far, {
      single: true,
    })
    for (const [name, { values: all }] of Object.entries(received))
      expect([kind, negatives, name, all.every(Number.isFinite)]).toEqual([kind, negatives, name, true])
  }
})

test('options and negatives that a loss does not have are refused', () => {
  const invalid = expect.objectContaining({ code: 'OPTION_INVALID' }) as Error
  const shared = negativesOf('shared')
  const inputs = { ...withBias, targetLogQ, negatives: shared }
  expect(() => losses.bce.loss(inputs, { temperature: 0 })).toThrow(invalid)
  expect(() => losses.gbce.resolve({ calibration: 1.1 })).toThrow(invalid)
  // @ts-expect-error -- calibration
  expect(() => losses.gbce.resolve({ calibraton: 1 })).toThrow(/Did you mean 'calibration'/)
  expect(() => losses['full-softmax'].loss(inputs)).toThrow(invalid)
  expect(() => losses.bpr.loss(withBias)).toThrow(
    /takes negatives of the kinds each, shared, batch, mixed, received none/,
  )
  expect(() => losses.gbce.loss({ ...inputs, negatives: { kind: 'batch' } })).toThrow(invalid)
  expect(() => losses['sampled-softmax'].loss({ ...withBias, negatives: shared })).toThrow(
    /its negatives alone/,
  )
  const symbolic = { kind: 'shared', codes: input('codes', 'int32', ['n']) } as const
  expect(() => losses.gbce.loss({ ...withBias, negatives: symbolic })).toThrow(invalid)
})
