export { checkLeakage } from './check-leakage.ts'
export type { LeakageInput, LeakFinding, Severity } from './leakage-input.ts'
