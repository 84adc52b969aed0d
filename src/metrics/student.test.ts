import { expect, test } from 'vitest'
import { studentDeviations } from './student.ts'

// From the tables, by degrees of freedom.
test.each([
  [1, 12.7062],
  [2, 4.3027],
  [3, 3.1824],
  [4, 2.7764],
  [5, 2.5706],
  [9, 2.2622],
  [29, 2.0452],
  [379, 1.9662],
])('with %d degrees of freedom', (degrees, expected) => {
  expect(Math.abs(studentDeviations(degrees + 1) - expected)).toBeLessThan(1e-3)
})
