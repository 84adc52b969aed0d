export type { NegativeDistribution } from './distribution.ts'
export { frequencyNegatives } from './frequency.ts'
export { logUniformNegatives } from './log-uniform.ts'
export {
  negativeDraws,
  type DrawnNegatives,
  type NegativeDraws,
  type NegativeDrawsOptions,
} from './negative-draws.ts'
export { uniformNegatives } from './uniform.ts'
