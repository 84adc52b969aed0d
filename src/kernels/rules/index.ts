export { adagrad, type AdagradRuleOptions } from './adagrad.ts'
export { adam, adamW, type AdamRuleOptions } from './adam.ts'
export { sgd, type SgdRuleOptions } from './sgd.ts'
export { SMALLEST_NORMAL, type RowVectors, type UpdateRule, type UpdateSettings } from './update-rule.ts'
