export type { Search } from './rungs.ts'
export type { Choice, Distribution, Range, SearchSpace, Settings } from './search-space.ts'
export type { TrialRecord } from './trial-log.ts'
export { tune, type Measured, type Trial, type Tuned, type TuneOptions } from './tune.ts'
