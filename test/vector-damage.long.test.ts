import { checkDamage } from '../src/vector-store/damage.test-support.ts'

checkDamage(1000)
