export { createKernels } from './create-kernels.ts'
export { keptShare } from './kept-share.ts'
export type { CombinedRows, Kernels, KernelsOptions, RowValues, Updated, UpdatedRows } from './kernels.ts'
export { createPlainKernels } from './plain.ts'
export {
  adagrad,
  adam,
  adamW,
  sgd,
  SMALLEST_NORMAL,
  type UpdateRule,
  type UpdateSettings,
} from './rules/index.ts'
