export { mae, r2, rmse } from './errors.ts'
