import { existsSync, readdirSync, readFileSync } from 'node:fs'

export interface FixtureTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

/** One case of `test/fixtures/parity/<block>/<case>`, made by `tools/parity`. */
export interface Fixture {
  readonly name: string
  readonly config: {
    readonly config: Readonly<Record<string, number | string | boolean>>
    readonly optimizer: {
      readonly steps: number
      readonly lr: number
      readonly weight_decay: number
      readonly betas: readonly [number, number]
      readonly eps: number
    }
  }
  readonly weights: Readonly<Record<string, FixtureTensor>>
  readonly input: Readonly<Record<string, FixtureTensor>>
  readonly expected: Readonly<Record<string, FixtureTensor>>
}

const root = new URL('../fixtures/parity/', import.meta.url)

export function fixtures(block: string): readonly Fixture[] {
  const folder = new URL(`${block}/`, root)
  if (!existsSync(folder))
    throw new Error(`There is no test/fixtures/parity/${block}. tools/parity/README.md says how to make it.`)
  return readdirSync(folder).map((name) => {
    const at = (file: string): URL => new URL(`${name}/${file}`, folder)
    return {
      name,
      config: JSON.parse(readFileSync(at('config.json'), 'utf8')) as Fixture['config'],
      weights: tensors(readFileSync(at('weights.safetensors'))),
      input: tensors(readFileSync(at('input.safetensors'))),
      expected: tensors(readFileSync(at('expected.safetensors'))),
    }
  })
}

/** The tensors of a safetensors file of floats and codes. */
export function tensors(file: Buffer): Readonly<Record<string, FixtureTensor>> {
  const start = 8 + Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { dtype: 'F32' | 'I32'; shape: number[]; data_offsets: [number, number] }
  >
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return Object.fromEntries(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const bytes = Uint8Array.from(file.subarray(start + from, start + to)).buffer
        return [name, { shape, data: dtype === 'F32' ? new Float32Array(bytes) : new Int32Array(bytes) }]
      },
    ),
  )
}

/** The largest difference, relative where the expected value is above 1. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  let worst = 0
  for (let at = 0; at < expected.length; at++)
    worst = Math.max(worst, Math.abs(actual[at]! - expected[at]!) / Math.max(1, Math.abs(expected[at]!)))
  return worst
}
