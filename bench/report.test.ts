import { expect, test } from 'vitest'
import { configurations } from './configurations.ts'
import { PRODUCTS } from './products-alone.ts'
import { report, results } from './report.ts'
import { summarise } from './statistics.ts'

const summary = (ms: number): ReturnType<typeof summarise> =>
  summarise({ ms: [1], losses: [8.14] }, [{ ms: [ms], losses: [7.5] }])

test('a report says how many times longer than ours each is, and the share of the products', () => {
  const made = results(configurations[0]!, {
    names: ['ours', PRODUCTS, 'PyTorch, eager'],
    summaries: [summary(100), summary(80), summary(250)],
    gigaOperations: 16,
  })
  expect(made.productsShare).toBeCloseTo(80)
  const text = report(made)
  expect(text).toContain('3,417 items · width 64 · 128 × 50')
  expect(text).toMatch(/PyTorch, eager\D+250\.0\D+250\.0\D+2\.50 ×\D+2\.50 ×\D+8\.140 → 7\.500/)
  expect(text).toContain(
    '80 % of our step is matrix products: 16.0 billion operations, alone at 200 billion a second.',
  )
})

test('without products there is no share', () => {
  const made = results(configurations[0]!, { names: ['ours'], summaries: [summary(100)], gigaOperations: 16 })
  expect(made.productsShare).toBeUndefined()
  expect(report(made)).not.toContain('%')
})
