import type { Random } from '../../random.ts'
import { drawBelow } from './draw-below.ts'

/** Shares are whole numbers of this: 31 bits, which engines compare as integers. */
const WHOLE = 2 ** 31 - 1

/**
 * Draws columns in proportion to their probabilities, in constant time: the alias method of Walker 1977 with the tables of Vose 1991.
 * Every column keeps a share of its draws and gives the others to one other column.
 *
 * `probabilities`: above 0, 1 in total. Shares are rounded to 31 bits. Takes 8 bytes a column.
 */
export function aliasTable(probabilities: Float64Array): (random: Random) => number {
  const size = probabilities.length
  const shares = probabilities.map((probability) => probability * size)
  // The share of column c at 2c and its other column at 2c + 1: near each other in memory. At first each keeps all.
  const table = new Int32Array(2 * size)
  for (let column = 0; column < size; column++) {
    table[2 * column] = WHOLE
    table[2 * column + 1] = column
  }
  // Columns of too little from the front, of too much from the back.
  const open = new Uint32Array(size)
  let [little, much] = [0, size]
  for (let column = 0; column < size; column++) {
    if (shares[column]! < 1) open[little++] = column
    else open[--much] = column
  }
  // What is left when one kind is used up has a share of 1 but for rounding.
  while (little > 0 && much < size) {
    const [taker, giver] = [open[--little]!, open[much]!]
    table[2 * taker] = Math.round(shares[taker]! * WHOLE)
    table[2 * taker + 1] = giver
    shares[giver] = shares[giver]! - (1 - shares[taker]!)
    if (shares[giver] >= 1) continue
    much++
    open[little++] = giver
  }
  const below = drawBelow(size)
  return (random) => {
    const column = below(random)
    return random.next() >>> 1 < table[2 * column]! ? column : table[2 * column + 1]!
  }
}
