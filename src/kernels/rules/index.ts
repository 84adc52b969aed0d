export { adagrad, type AdagradRuleOptions } from './adagrad.ts'
export { adam, adamW, type AdamRuleOptions } from './adam.ts'
export { sgd, type SgdRuleOptions } from './sgd.ts'
export {
  ruleNames,
  SMALLEST_NORMAL,
  type RowVectors,
  type RuleName,
  type UpdateRule,
  type UpdateSettings,
} from './update-rule.ts'
