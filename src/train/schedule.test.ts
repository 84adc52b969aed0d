import { expect, test } from 'vitest'
import { decayKinds, schedule, scheduleOptions, type ScheduleOptions } from './schedule.ts'

/** Ten updates, worked out by hand. */
const table: readonly (readonly [string, ScheduleOptions, readonly number[]])[] = [
  ['constant', {}, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  ['warmup', { warmup: 4 }, [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1]],
  ['linear', { decay: 'linear' }, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]],
  ['warmup, then linear', { warmup: 5, decay: 'linear' }, [0.2, 0.4, 0.6, 0.8, 1, 1, 0.8, 0.6, 0.4, 0.2]],
  [
    'warmup, then cosine',
    { warmup: 6, decay: 'cosine' },
    [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2],
  ],
  // Worked out as transformers' schedules with num_training_steps 10.
  ['polynomial', { decay: 'polynomial' }, [1, 0.81, 0.64, 0.49, 0.36, 0.25, 0.16, 0.09, 0.04, 0.01]],
  [
    'polynomial of power 1',
    { decay: 'polynomial', power: 1 },
    [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1],
  ],
  [
    'cosine with a restart, after warmup',
    { warmup: 2, decay: 'cosine', cycles: 2 },
    [
      0.5,
      1,
      1,
      (1 + Math.SQRT1_2) / 2,
      0.5,
      (1 - Math.SQRT1_2) / 2,
      1,
      (1 + Math.SQRT1_2) / 2,
      0.5,
      (1 - Math.SQRT1_2) / 2,
    ],
  ],
  [
    'linear to a floor',
    { decay: 'linear', floor: 0.5 },
    [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55],
  ],
  ['warmup to the end', { warmup: 10, decay: 'cosine' }, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  [
    'warmup beyond the end',
    { warmup: 20, decay: 'linear' },
    [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5],
  ],
]

test.each(table)('%s', (_, options, expected) => {
  const factor = schedule(scheduleOptions(options), 10)
  for (const [at, value] of expected.entries()) expect(factor(at + 1)).toBeCloseTo(value, 12)
})

test.each(decayKinds.filter((decay) => decay !== 'constant'))(
  '%s reaches 0 one update after the last, and stays there',
  (decay) => {
    const factor = schedule(scheduleOptions({ warmup: 3, decay }), 10)
    expect(factor(11)).toBeCloseTo(0, 12)
    expect(factor(50)).toBeCloseTo(0, 12)
    const raised = schedule(scheduleOptions({ warmup: 3, decay, floor: 0.25 }), 10)
    expect(raised(11)).toBeCloseTo(0.25, 12)
    expect(raised(1)).toBeCloseTo(1 / 3, 12)
  },
)

test.each<[string, object, string]>([
  ['another decay', { decay: 'no decay' }, 'OPTION_INVALID'],
  ['a negative warmup', { warmup: -1 }, 'OPTION_INVALID'],
  ['a part of an update', { warmup: 0.5 }, 'OPTION_INVALID'],
  ['no cycle', { decay: 'cosine', cycles: 0 }, 'OPTION_INVALID'],
  ['cycles of another decay', { decay: 'linear', cycles: 2 }, 'OPTION_INVALID'],
  ['a power of another decay', { decay: 'cosine', power: 2 }, 'OPTION_INVALID'],
  ['a power of 0', { decay: 'polynomial', power: 0 }, 'OPTION_INVALID'],
  ['a floor above 1', { decay: 'linear', floor: 2 }, 'OPTION_INVALID'],
  ['a floor of what does not fall', { floor: 0.1 }, 'OPTION_INVALID'],
  ['no number', { warmup: '5' }, 'OPTION_INVALID'],
  ['a misspelt option', { warmUp: 5 }, 'OPTION_UNKNOWN'],
])('%s is refused', (_, options, code) => {
  expect(() => scheduleOptions(options)).toThrow(expect.objectContaining({ code }) as Error)
})

test('what is spelled out as it is anyway is the same schedule', () => {
  expect(scheduleOptions()).toEqual({ decay: 'constant', warmup: 0 })
  expect(scheduleOptions({ decay: 'cosine', floor: 0 })).toEqual(
    scheduleOptions({ decay: 'cosine', warmup: 0, cycles: 1 }),
  )
})

test('every decay is in the table above', () => {
  const named = new Set(table.map(([, { decay }]) => decay ?? 'constant'))
  expect(named).toEqual(new Set(decayKinds))
})
