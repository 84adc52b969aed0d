import { checkDamage } from './damage.test-support.ts'

// A thousand of each are in test/vector-damage.long.test.ts.
checkDamage(60)
