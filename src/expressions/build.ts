/**
 * What users write features with. Each function makes a node, or a few; plain numbers and texts are literals.
 * Missing values go through: what is computed from one is missing, unless a function says otherwise.
 */
export * from './build-values.ts'
export * from './build-fitted.ts'
export * from './build-session.ts'
export * from './build-features.ts'
export * from './build-similarity.ts'
