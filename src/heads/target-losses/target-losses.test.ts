import { expect, test } from 'vitest'
import { gradients, input, type Tensor } from '../../graph/index.ts'
import { evaluate, whole, type Fed } from '../../graph/operators/check-operator.test-support.ts'
import { meanOfPresent, targetLosses, type TargetLoss, type TargetLossKind } from './index.ts'

const kinds = Object.keys(targetLosses) as TargetLossKind[]
const recordOf = (kind: TargetLossKind): TargetLoss => targetLosses[kind]
const float = (dims: readonly number[], values: readonly number[]): Fed => ({
  dtype: 'float32',
  dims,
  shape: dims,
  values,
})

/** Two labels, for classes three outputs each; the second target is missing. */
function given(kind: TargetLossKind, missing: number) {
  const dims = kind === 'multi-class' ? [2, 3] : [2]
  const outputs = input('outputs', 'float32', dims, 'parameter')
  const targets = input('targets', kind === 'multi-class' ? 'int32' : 'float32', [2])
  const present = input('present', 'float32', [2])
  const fed = {
    outputs: float(dims, kind === 'multi-class' ? [0.3, -1, 2, 0.5, 0.1, 0.2] : [0.7, -0.4]),
    targets: kind === 'multi-class' ? whole([2], [2, missing], { dtype: 'int32' }) : float([2], [1, missing]),
    present: float([2], [1, 0]),
  }
  return { inputs: { outputs, targets, present }, fed }
}

test.each(kinds)(
  '%s: whatever a missing target holds, it reaches neither loss nor gradient nor mean',
  async (kind) => {
    for (const missing of kind === 'multi-class' ? [-1, 1_000_000] : [NaN, -7, Infinity]) {
      const { inputs, fed } = given(kind, missing)
      const loss = recordOf(kind).loss(inputs)
      const mean = meanOfPresent(loss, inputs.present)
      const received = await evaluate({ loss, mean, slope: gradients(mean, [inputs.outputs])[0]! }, fed)
      const [own, none] = received['loss']!.values
      expect(own).toBeGreaterThan(0.01)
      expect([none, received['mean']!.values[0]]).toEqual([0, own])
      const slope = received['slope']!.values
      expect(slope.slice(slope.length / 2).map(Math.abs)).toEqual(slope.slice(slope.length / 2).map(() => 0))
      expect(slope.slice(0, slope.length / 2).every((each) => each !== 0)).toBe(true)

      const alone = { ...fed, present: float([2], [0, 0]) }
      expect((await evaluate({ mean }, alone))['mean']!.values).toEqual([0])
    }
  },
)

test('predictions are in the units of the target', async () => {
  const x = input('x', 'float32', [1, 2])
  const fed = { x: float([1, 2], [0, Math.log(3)]) }
  const values = async (y: Tensor): Promise<readonly number[]> => (await evaluate({ y }, fed))['y']!.values
  const expected: Readonly<Record<TargetLossKind, readonly number[]>> = {
    binary: [0.5, 0.75],
    'multi-class': [0.25, 0.75],
    'squared-error': [0, Math.log(3)],
    huber: [0, Math.log(3)],
    poisson: [1, 3],
  }
  for (const kind of kinds)
    for (const [at, value] of (await values(recordOf(kind).predict(x))).entries())
      expect(value).toBeCloseTo(expected[kind][at]!, 7)
  for (const record of [targetLosses['squared-error'], targetLosses.huber])
    for (const [at, value] of (await values(record.predict(x, { log1p: true }))).entries())
      expect(value).toBeCloseTo([0, 2][at]!, 7)
})

test('binary losses of large logits do not cancel: e⁻²⁰ is there', async () => {
  const [outputs, targets] = [input('outputs', 'float32', [2]), input('targets', 'float32', [2])]
  const fed = { outputs: float([2], [-20, 20]), targets: float([2], [0, 1]) }
  const { loss } = await evaluate({ loss: targetLosses.binary.loss({ outputs, targets }) }, fed)
  for (const value of loss!.values) expect(Math.abs(value / Math.exp(-20) - 1)).toBeLessThan(1e-6)
})

test('options that a loss does not have are refused', () => {
  const { inputs } = given('binary', 0)
  const invalid = expect.objectContaining({ code: 'OPTION_INVALID' }) as Error
  expect(() => targetLosses.binary.loss(inputs, { positiveWeight: 0 })).toThrow(invalid)
  expect(() => targetLosses.huber.loss(inputs, { delta: -1 })).toThrow(invalid)
  expect(() => targetLosses['multi-class'].loss(inputs, { smoothing: 1 })).toThrow(invalid)
  // @ts-expect-error -- delta belongs to Huber's loss
  expect(() => targetLosses['squared-error'].loss(inputs, { delta: 1 })).toThrow(/has no option 'delta'/)
  expect(() => targetLosses.poisson.loss(inputs, { log1p: true })).toThrow(/has no option 'log1p'/)
})
