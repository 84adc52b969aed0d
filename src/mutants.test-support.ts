import { createRandom } from './random.ts'

/** What a file was made into, in words, and its bytes. */
export type Mutant = readonly [what: string, bytes: Buffer]

/** One bit of each is another one. */
export function flipped(bytes: Buffer, seed: number, mutants: number): readonly Mutant[] {
  const random = createRandom(seed)
  return Array.from({ length: mutants }, (): Mutant => {
    const [byte, bit] = [random.below(bytes.length), random.below(8)]
    const changed = Buffer.from(bytes)
    changed[byte]! ^= 1 << bit
    return [`bit ${bit} of byte ${byte}`, changed]
  })
}

/** Each ends early. */
export function truncated(bytes: Buffer, seed: number, mutants: number): readonly Mutant[] {
  const random = createRandom(seed)
  return Array.from({ length: mutants }, (): Mutant => {
    const length = random.below(bytes.length)
    return [`${length} of ${bytes.length} bytes`, bytes.subarray(0, length)]
  })
}
