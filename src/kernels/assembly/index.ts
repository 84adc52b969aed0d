// Compiled by scripts/build-kernels.mjs. Pointers are byte offsets into the imported memory; callers check everything.
export { adamW, adamWRows } from './adam-w'
export { combineRows, scatterAddRows } from './rows'
export { dropoutMask } from './dropout-mask'
export { fill, sumOfSquares } from './reduce'

/** The first byte after the module's own data. */
export function firstFreeByte(): usize {
  return __heap_base
}
