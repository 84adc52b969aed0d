import { defineConfig } from 'vitest/config'

/** The tests that take minutes: in continuous integration, and by `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    pool: 'forks',
    testTimeout: 1_200_000,
    fileParallelism: false,
  },
})
