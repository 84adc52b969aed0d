// Compiled by scripts/build-kernels.mjs. Pointers are byte offsets into the imported memory; callers check everything.
export { adagrad, adagradRows, rowWiseAdagrad, rowWiseAdagradRows } from './adagrad'
export { adam, adamRows, adamW, adamWRows } from './adam'
export { combineRows, scatterAddRows } from './rows'
export { dropoutMask } from './dropout-mask'
export { blend, fill, sumOfSquares } from './reduce'
export { momentum, momentumRows, sgd, sgdRows } from './sgd'

/** The first byte after the module's own data. */
export function firstFreeByte(): usize {
  return __heap_base
}
