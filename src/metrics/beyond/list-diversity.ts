import { EnsuiteError } from '../../errors.ts'
import { checkNumber } from '../../options.ts'
import { checkValues } from '../check-values.ts'
import type { ListDiversity } from './beyond-metric.ts'

/**
 * Mean of 1 − cosine over the pairs of a list. `vectors`: [items * width], row by row; the cosine with a vector of zeros is 0.
 * Takes k · width operations a list: of unit vectors the sum of all cosines is the square of their sum's length.
 * Throws `SHAPE_MISMATCH` for vectors that are not rows of `width`.
 */
export function vectorDiversity(vectors: ArrayLike<number>, width: number): ListDiversity {
  checkNumber('width of the vectors', width, { integer: true, min: 1 })
  checkValues('vectorDiversity', vectors)
  if (vectors.length % width !== 0)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `Vectors of ${width} numbers each are expected row by row, received ${vectors.length} numbers in all.`,
    )
  const sum = new Float64Array(width)
  return (list) => {
    if (list.length < 2) return 0
    sum.fill(0)
    // The cosine of a vector with itself is in the square of the sum, and no pair.
    let own = 0
    for (const column of list) {
      const start = column * width
      let square = 0
      for (let at = 0; at < width; at++) square += vectors[start + at]! ** 2
      if (square === 0) continue
      own++
      const norm = Math.sqrt(square)
      for (let at = 0; at < width; at++) sum[at]! += vectors[start + at]! / norm
    }
    const all = sum.reduce((total, value) => total + value * value, 0)
    return 1 - (all - own) / (list.length * (list.length - 1))
  }
}

/** The share of the pairs of a list whose categories differ. `categories`: [items], whole numbers; a negative one is none, and differs from all. */
export function categoryDiversity(categories: ArrayLike<number>): ListDiversity {
  checkValues('categoryDiversity', categories)
  return (list) => {
    if (list.length < 2) return 0
    let alike = 0
    for (let one = 0; one < list.length; one++) {
      const category = categories[list[one]!]!
      if (category < 0) continue
      for (let other = one + 1; other < list.length; other++)
        if (categories[list[other]!] === category) alike++
    }
    return 1 - (2 * alike) / (list.length * (list.length - 1))
  }
}
