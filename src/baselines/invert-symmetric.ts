import { EnsuiteError } from '../errors.ts'

/** Rows and columns that are taken out at once: two tiles of this many stay in the nearest cache. */
const BLOCK = 48

/**
 * The inverse of a symmetric positive definite matrix, in its own place: [size, size], row by row.
 *
 * The sweep operator, a block at a time (Goodnight, "A tutorial on the SWEEP operator", 1979), on the lower triangle; each pivot block is inverted by Cholesky. size³ multiplications.
 * Throws `OPTION_INVALID` where the matrix is not positive definite.
 */
export function invertSymmetric(matrix: Float64Array, size: number): Float64Array {
  const panel = new Float64Array(size * BLOCK)
  const product = new Float64Array(size * BLOCK)
  for (let start = 0; start < size; start += BLOCK) {
    const width = Math.min(BLOCK, size - start)
    const pivot = new Float64Array(width * width)
    // panel: [size, width], the columns of the block; above the diagonal they stand in its rows.
    for (let row = 0; row < size; row++)
      for (let at = 0; at < width; at++)
        panel[row * width + at] =
          row >= start + at ? matrix[row * size + start + at]! : matrix[(start + at) * size + row]!
    pivot.set(panel.subarray(start * width, (start + width) * width))
    invertSmall(pivot, width)
    multiply(panel, pivot, product, { rows: size, width })
    subtract(matrix, product, panel, { size, start, width })
    for (let row = 0; row < size; row++)
      for (let at = 0; at < width; at++) {
        const inside = row >= start && row < start + width
        const value = inside ? -pivot[(row - start) * width + at]! : product[row * width + at]!
        if (row >= start + at) matrix[row * size + start + at] = value
        else matrix[(start + at) * size + row] = value
      }
  }
  // Swept over all blocks it is the negative of the inverse.
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      const value = -matrix[row * size + column]!
      matrix[row * size + column] = value
      matrix[column * size + row] = value
    }
  return matrix
}

/** left [rows, width] · right [width, width] → into. */
function multiply(
  left: Float64Array,
  right: Float64Array,
  into: Float64Array,
  { rows, width }: { readonly rows: number; readonly width: number },
): void {
  into.fill(0)
  for (let row = 0; row < rows; row++)
    for (let inner = 0; inner < width; inner++) {
      const factor = left[row * width + inner]!
      for (let at = 0; at < width; at++) into[row * width + at]! += factor * right[inner * width + at]!
    }
}

/** matrix[i, j] −= product[i] · panel[j], below the diagonal and outside the block, a tile at a time. */
function subtract(
  matrix: Float64Array,
  product: Float64Array,
  panel: Float64Array,
  { size, start, width }: { readonly size: number; readonly start: number; readonly width: number },
): void {
  const inBlock = (place: number): boolean => place >= start && place < start + width
  for (let top = 0; top < size; top += BLOCK)
    for (let left = 0; left <= top; left += BLOCK) {
      // Blocks and tiles begin at the same places.
      if (inBlock(top) || inBlock(left)) continue
      for (let row = top; row < Math.min(top + BLOCK, size); row++) {
        const end = Math.min(left + BLOCK, row + 1)
        let column = left
        for (; column + 3 < end; column += 4) fourDots(matrix, product, panel, { size, width, row, column })
        for (; column < end; column++) {
          let dot = 0
          for (let at = 0; at < width; at++) dot += product[row * width + at]! * panel[column * width + at]!
          matrix[row * size + column]! -= dot
        }
      }
    }
}

function fourDots(
  matrix: Float64Array,
  product: Float64Array,
  panel: Float64Array,
  place: { readonly size: number; readonly width: number; readonly row: number; readonly column: number },
): void {
  const { size, width, row, column } = place
  let [one, two, three, four] = [0, 0, 0, 0]
  let from = row * width
  let first = column * width
  let [second, third, fourth] = [first + width, first + 2 * width, first + 3 * width]
  for (let at = 0; at < width; at++) {
    const factor = product[from++]!
    one += factor * panel[first++]!
    two += factor * panel[second++]!
    three += factor * panel[third++]!
    four += factor * panel[fourth++]!
  }
  const target = row * size + column
  matrix[target]! -= one
  matrix[target + 1]! -= two
  matrix[target + 2]! -= three
  matrix[target + 3]! -= four
}

/** The inverse of a small positive definite matrix, in its own place, through A = LLᵀ and A⁻¹ = L⁻ᵀL⁻¹. */
function invertSmall(matrix: Float64Array, size: number): void {
  const lower = new Float64Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column]!
      for (let at = 0; at < column; at++) sum -= lower[row * size + at]! * lower[column * size + at]!
      if (row === column && !(sum > 0))
        throw new EnsuiteError(
          'OPTION_INVALID',
          'The matrix to invert is not positive definite: it has a pivot that is not above 0. Raise the regularisation.',
        )
      lower[row * size + column] = row === column ? Math.sqrt(sum) : sum / lower[column * size + column]!
    }
  const inverse = new Float64Array(size * size)
  for (let column = 0; column < size; column++)
    for (let row = column; row < size; row++) {
      let sum = row === column ? 1 : 0
      for (let at = column; at < row; at++) sum -= lower[row * size + at]! * inverse[at * size + column]!
      inverse[row * size + column] = sum / lower[row * size + row]!
    }
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let sum = 0
      for (let at = Math.max(row, column); at < size; at++)
        sum += inverse[at * size + row]! * inverse[at * size + column]!
      matrix[row * size + column] = sum
    }
}
