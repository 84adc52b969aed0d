import type { Split } from './split-sessions.ts'

/** An example of each kind for times from 0 to 1000, and whether it trains on what comes later than its targets. One that is missing does not compile. */
export const splitExamples: {
  readonly [Kind in Split['kind']]: {
    readonly split: Extract<Split, { readonly kind: Kind }>
    readonly leaks: boolean
    /** As words of the command line. */
    readonly flags: readonly string[]
  }
} = {
  'leave-one-out': { split: { kind: 'leave-one-out' }, leaks: true, flags: [] },
  random: {
    split: { kind: 'random', validation: 0.2, test: 0.2, seed: 4 },
    leaks: true,
    flags: ['--validation', '0.2', '--test', '0.2'],
  },
  time: {
    split: { kind: 'time', validation: 0.2, test: 0.2 },
    leaks: false,
    flags: ['--validation', '0.2', '--test', '0.2'],
  },
  cut: {
    split: { kind: 'cut', validationFrom: 600, testFrom: 800 },
    leaks: false,
    flags: ['--validation-from', '1970-01-01T00:00:00.600Z', '--test-from', '1970-01-01T00:00:00.800Z'],
  },
}
