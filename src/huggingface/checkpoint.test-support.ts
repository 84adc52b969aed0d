import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A checkpoint that Hugging Face wrote: see `tools/parity/huggingface.py`. */
export const checkpoint = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/huggingface/${name}`, import.meta.url))

/** A copy of a checkpoint that is gone after the test. */
export async function checkpointCopy(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ensuite-checkpoint-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  await cp(checkpoint(name), path, { recursive: true })
  return path
}

/** What is done to a copy. */
export type Change = (path: string) => Promise<unknown>

const changedJson = async (file: string, change: (json: object) => object): Promise<void> =>
  writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as object)))

/** Sets settings of a JSON file. */
export const settings =
  (changed: object, file = 'config.json'): Change =>
  (path) =>
    changedJson(join(path, file), (config) => ({ ...config, ...changed }))

/** Leaves settings out. */
export const without =
  (...names: readonly string[]): Change =>
  (path) =>
    changedJson(join(path, 'config.json'), (config) =>
      Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name))),
    )

/** A tensor as a file holds it. */
export interface RawTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** One number. */
export const number = (value: number, dtype = 'F32'): RawTensor => ({
  dtype,
  shape: [1],
  bytes: new Uint8Array(dtype === 'F32' ? Float32Array.of(value).buffer : Uint8Array.of(value).buffer),
})

/** Writes other tensors in the place of those of a file. */
export const tensors =
  (change: (all: Readonly<Record<string, RawTensor>>) => Readonly<Record<string, RawTensor>>): Change =>
  async (path) => {
    const file = join(path, 'model.safetensors')
    const bytes = await readFile(file)
    const start = 8 + Number(bytes.readBigUInt64LE(0))
    const { __metadata__: metadata, ...header } = JSON.parse(bytes.toString('utf8', 8, start)) as Readonly<
      Record<string, Omit<RawTensor, 'bytes'> & { readonly data_offsets: readonly [number, number] }>
    >
    const read = Object.entries(header).map(
      ([
        name,
        {
          data_offsets: [from, to],
          ...rest
        },
      ]) => {
        return [name, { ...rest, bytes: bytes.subarray(start + from, start + to) }] as const
      },
    )
    let at = 0
    const entries = Object.entries(change(Object.fromEntries(read)))
    const described = entries.map(([name, { dtype, shape, bytes: own }]) => {
      at += own.length
      return [name, { dtype, shape, data_offsets: [at - own.length, at] }] as const
    })
    const text = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(described) }))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(text.length))
    await writeFile(file, Buffer.concat([length, text, ...entries.map(([, { bytes: own }]) => own)]))
  }

/** Adds tensors, or puts others in their place. */
export const adding = (more: Readonly<Record<string, RawTensor>>): Change =>
  tensors((all) => ({ ...all, ...more }))

/** Gives every tensor another name; one that has none any more is left out. */
export const renamed = (change: (name: string) => string | undefined): Change =>
  tensors((all) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, tensor]) => {
        const other = change(name)
        return other === undefined ? [] : [[other, tensor]]
      }),
    ),
  )
