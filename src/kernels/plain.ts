import { checkNumber, checkOptions } from '../options.ts'
import { checkedKernels, roundedUp } from './checked-kernels.ts'
import type { Backend, Kernels, KernelsOptions } from './kernels.ts'

/** The kernels in plain TypeScript: what they mean, bit for bit. For tests and for reading; 25 to 90 times slower. */
export function createPlainKernels(options: KernelsOptions): Kernels {
  checkOptions('createPlainKernels', options, ['bytes'])
  checkNumber('createPlainKernels: bytes', options.bytes, { integer: true, min: 0, max: 4_294_000_000 })
  return checkedKernels(plainBackend(new ArrayBuffer(roundedUp(options.bytes))))
}

function plainBackend(buffer: ArrayBuffer): Backend {
  return {
    buffer,
    start: 0,
    end: buffer.byteLength,
    update: (rule, { parameters, gradients, states, width = 1 }, factors) => {
      if (!rule.perRow) rule.plain({ parameters, gradients, states }, factors)
      else
        for (let row = 0; row * width < parameters.length; row++)
          rule.plain(
            {
              parameters: rowOf(parameters, row, width),
              gradients: rowOf(gradients, row, width),
              states: states.map((state) => rowOf(state, row, 1)),
            },
            factors,
          )
    },
    updateRows: (rule, { parameters, gradients, states, rows, width }, factors) => {
      for (const [from, row] of rows.entries())
        rule.plain(
          {
            parameters: rowOf(parameters, row, width),
            gradients: rowOf(gradients, from, width),
            states: states.map((state) => rowOf(state, row, rule.perRow ? 1 : width)),
          },
          factors,
        )
    },
    scatterAddRows: (table, { ids, values, width }, scale) => {
      for (let from = 0; from < values.length; from++) {
        const at = ids[Math.floor(from / width)]! * width + (from % width)
        table[at] = table[at]! + f(values[from]! * scale)
      }
    },
    combineRows: ({ ids, values, width }, out) => {
      let unique = 0
      for (let index = 0; index < ids.length; index++) {
        const id = ids[index]!
        const row = values.subarray(index * width, (index + 1) * width)
        const slot = out.slots[id]!
        if (slot >= 0 && slot < unique && out.rows[slot] === id) {
          row.forEach((value, column) => (out.values[slot * width + column]! += value))
        } else {
          out.slots[id] = unique
          out.rows[unique] = id
          out.values.set(row, unique * width)
          unique++
        }
      }
      for (const id of out.rows.subarray(0, unique)) out.slots[id] = -1
      return unique
    },
    sumOfSquares: (values) => {
      const whole = values.length - (values.length % 16)
      let total = 0
      for (let block = 0; block < whole; block += 1024) {
        const lanes = new Float32Array(16)
        for (let at = block; at < Math.min(whole, block + 1024); at++) {
          lanes[at % 16]! += f(values[at]! * values[at]!)
        }
        for (let lane = 0; lane < 4; lane++) {
          const [a, b, c, d] = [lanes[lane]!, lanes[lane + 4]!, lanes[lane + 8]!, lanes[lane + 12]!]
          total += f(f(a + b) + f(c + d))
        }
      }
      for (const value of values.subarray(whole)) total += value * value
      return total
    },
    fill: (values, value) => {
      values.fill(value)
    },
    blend: (target, source, [kept, share]) => {
      for (let at = 0; at < target.length; at++) target[at] = f(target[at]! * kept) + f(source[at]! * share)
    },
    dropoutMask: (mask, { last, value }, state) => {
      for (let at = 0; at < mask.length; at++) {
        if (at % 16 === 0) step(state)
        const word = state[12 + ((at % 16) >> 2)]!
        mask[at] = ((word >>> (8 * (at % 4))) & 255) <= last ? value : 0
      }
    },
  }
}

const f = Math.fround

const rowOf = (values: Float32Array, row: number, width: number): Float32Array =>
  values.subarray(row * width, (row + 1) * width)

/** One xorshift of the four streams; leaves the sixteen new bytes in the last four words. */
function step(state: Uint32Array): void {
  for (let lane = 0; lane < 4; lane++) {
    const [x, y, z, w] = [state[lane]!, state[lane + 4]!, state[lane + 8]!, state[lane + 12]!]
    const t = x ^ (x << 11)
    state[lane] = y
    state[lane + 4] = z
    state[lane + 8] = w
    state[lane + 12] = w ^ (w >>> 19) ^ t ^ (t >>> 8)
  }
}
