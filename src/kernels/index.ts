export { createKernels } from './create-kernels.ts'
export { keptShare } from './kept-share.ts'
export type {
  AdamWOptions,
  AdamWRowsUpdate,
  AdamWUpdate,
  CombinedRows,
  Kernels,
  KernelsOptions,
  RowValues,
} from './kernels.ts'
export { createPlainKernels } from './plain.ts'
