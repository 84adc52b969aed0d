import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { createRandom } from '../random.ts'
import { initialise, normal } from '../nn/index.ts'
import { ease } from './ease.ts'
import { invertSymmetric } from './invert-symmetric.ts'

describe('invertSymmetric', () => {
  // Below, at and above the size of a block, and of several.
  it.each([1, 2, 47, 48, 49, 130])('of %i rows, times the matrix, is the identity', (size) => {
    const factors = new Float32Array(size * size)
    initialise(factors, [size, size], normal(1), createRandom(3, size))
    // FFᵀ + I
    const matrix = Float64Array.from(factors, (_, place) => {
      const [row, column] = [Math.floor(place / size), place % size]
      let sum = row === column ? 1 : 0
      for (let at = 0; at < size; at++) sum += factors[row * size + at]! * factors[column * size + at]!
      return sum
    })
    const inverse = invertSymmetric(matrix.slice(), size)
    let worst = 0
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        let sum = row === column ? -1 : 0
        for (let at = 0; at < size; at++) sum += matrix[row * size + at]! * inverse[at * size + column]!
        worst = Math.max(worst, Math.abs(sum))
      }
    expect(worst).toBeLessThan(1e-9)
  })

  it('by hand', () => {
    const inverse = invertSymmetric(Float64Array.of(2, 1, 1, 2), 2)
    for (const [at, expected] of [2 / 3, -1 / 3, -1 / 3, 2 / 3].entries())
      expect(inverse[at]).toBeCloseTo(expected, 12)
  })

  it('refuses what is not positive definite', () => {
    expect(() => invertSymmetric(Float64Array.of(1, 2, 2, 1), 2)).toThrow(/not positive definite/)
  })
})

describe('EASE', () => {
  const [a, b, c] = [2, 3, 4]

  /*
   * Sessions ab, ab, bc (a twice in the first, which changes nothing); λ = 1.
   *   G + I = [[3, 2, 0], [2, 4, 1], [0, 1, 2]], determinant 3 · 7 − 2 · 4 = 13
   *   P = [[7, −4, 2], [−4, 6, −3], [2, −3, 8]] ÷ 13
   *   B = −P ÷ the diagonal of its columns: a→b 4/6, a→c −2/8, b→a 4/7, b→c 3/8, c→a −2/7, c→b 3/6
   */
  it.each([
    ['a', [a], [0, 4 / 6, -2 / 8]],
    ['c', [c], [-2 / 7, 3 / 6, 0]],
    ['a and b, each once, whatever the order', [b, a, a], [4 / 7, 4 / 6, -2 / 8 + 3 / 8]],
    ['nothing', [], [0, 0, 0]],
  ] as const)('by hand, after %s', (_, prefix, expected) => {
    const fitted = ease({ regularisation: 1 }).fit(
      sessionsOf([
        [a, b, a],
        [a, b],
        [b, c],
      ]),
      { items: 3 },
    )
    const scores = fitted.scoreAfter(Int32Array.from(prefix))
    for (const [at, score] of scores.entries()) expect(score).toBeCloseTo(expected[at]!, 6)
  })

  it('refuses a catalogue that it has no memory for, and says how much it would be', () => {
    expect(() => ease().fit(sessionsOf([[a]]), { items: 30_000 })).toThrow(
      expect.objectContaining({
        code: 'MEMORY_FULL',
        message: expect.stringContaining('7.2 GB') as string,
      }) as Error,
    )
  })
})
