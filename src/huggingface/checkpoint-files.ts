import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { headerBytes, isRecord, parseJson, tensorTable, withPlainFile } from '../artifact/index.ts'
import type { FileRefusals, PlacedTensor } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { someOf } from './refusals.ts'
import type { Config } from './settings.ts'

const CONFIG = 'config.json'
const WHOLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'
/** Larger JSON files are not read. */
const JSON_LIMIT = 64 * 1024 * 1024
/** Larger files of weights are not read. */
const FILE_LIMIT = 64 * 1024 * 1024 * 1024
const MOST_FILES = 1000
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.safetensors$/

/** A tensor of a checkpoint: the file that it is in, and where it is there. */
export interface StoredTensor extends PlacedTensor {
  readonly file: string
  /** Bytes of the file when its header was read. */
  readonly fileSize: number
}

/** The settings of a checkpoint folder. Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE` and `PATH_ESCAPES`. */
export async function readConfig(folder: string): Promise<Config> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined)
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `No folder is at ${folder}. Give one that holds ${CONFIG} and ${WHOLE}: names of models are not looked up.`,
    )
  if (!found.isDirectory())
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `A checkpoint is a folder, and ${folder} is a file. Give the folder that holds ${CONFIG} and ${WHOLE}.`,
    )
  return readJson(folder, CONFIG)
}

/**
 * Every tensor of a checkpoint folder by name, from `model.safetensors`, or from the files that its index names; no values are read.
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE` and `PATH_ESCAPES`.
 */
export async function storedTensors(folder: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const has = async (name: string): Promise<boolean> =>
    (await stat(join(folder, name)).catch(() => undefined)) !== undefined
  const isWhole = (await has(WHOLE)) || !(await has(INDEX))
  const placed = isWhole ? undefined : await readIndex(folder)
  const tensors = new Map<string, StoredTensor>()
  for (const file of new Set(placed?.values() ?? [WHOLE])) {
    for (const [name, tensor] of await tensorsOfFile(folder, file)) {
      const other = tensors.get(name)?.file
      if (other !== undefined) throw unreadable(folder, file)(`it has '${name}', as ${other} does`)
      tensors.set(name, tensor)
    }
  }
  const lost = [...(placed ?? [])].filter(([name, file]) => tensors.get(name)?.file !== file)
  if (lost.length > 0)
    throw unreadable(folder, INDEX)(`tensors are not where it says: ${someOf(lost.map(([name]) => name))}`)
  return tensors
}

/** The bytes of these tensors, one after the other, to `use`. Errors as `storedTensors`. */
export async function readTensors(
  folder: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  use: (name: string, bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  for (const file of new Set([...tensors.values()].map((tensor) => tensor.file)))
    await withPlainFile(join(folder, file), refusals(folder, file), async ({ size, read }) => {
      for (const [name, { from, to, fileSize, ...tensor }] of tensors) {
        if (tensor.file !== file) continue
        if (size !== fileSize) throw unreadable(folder, file)('it changed while it was read')
        use(name, await read(from, to - from))
      }
    })
}

/** Which file each tensor is in. */
async function readIndex(folder: string): Promise<ReadonlyMap<string, string>> {
  const { weight_map: map } = await readJson(folder, INDEX)
  const broken = unreadable(folder, INDEX)
  if (!isRecord(map)) throw broken("it has no 'weight_map'")
  const placed = new Map<string, string>()
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !FILE_NAME.test(file))
      throw new EnsuiteError(
        'PATH_ESCAPES',
        `${join(folder, INDEX)} names ${JSON.stringify(file).slice(0, 100)}, which is not the plain name of a safetensors file in the folder. Do not use this checkpoint.`,
      )
    placed.set(name, file)
  }
  const count = new Set(placed.values()).size
  if (count === 0 || count > MOST_FILES) throw broken(`it names ${count} files`)
  return placed
}

async function tensorsOfFile(
  folder: string,
  file: string,
): Promise<readonly (readonly [string, StoredTensor])[]> {
  const broken = unreadable(folder, file)
  return withPlainFile(join(folder, file), refusals(folder, file), async ({ size, read }) => {
    if (size > FILE_LIMIT) throw broken(`it has ${size} bytes, and at most ${FILE_LIMIT} are read`)
    const length = headerBytes(await read(0, Math.min(8, size)), size, broken)
    const { tensors } = tensorTable(await read(8, length), { size, broken })
    return Array.from(tensors, ([name, tensor]) => [name, { ...tensor, file, fileSize: size }] as const)
  })
}

async function readJson(folder: string, name: string): Promise<Config> {
  const broken = unreadable(folder, name)
  const bytes = await withPlainFile(join(folder, name), refusals(folder, name), async ({ size, read }) => {
    if (size > JSON_LIMIT) throw broken(`it has ${size} bytes, and at most ${JSON_LIMIT} are read`)
    return read(0, size)
  })
  const value = parseJson(bytes)
  if (!isRecord(value)) throw broken('it is not a JSON object')
  return value
}

const unreadable =
  (folder: string, name: string) =>
  (why: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError(
      'FILE_UNREADABLE',
      `${join(folder, name)} cannot be read: ${why}. Copy it again from where the checkpoint was saved.`,
      { cause },
    )

const refusals = (folder: string, name: string): FileRefusals => ({
  unreadable: unreadable(folder, name),
  missing: (cause) =>
    new EnsuiteError(
      'FILE_NOT_FOUND',
      `${folder} holds no ${name}.${name === WHOLE ? ' Weights of another format are not read: save them with save_pretrained(folder, safe_serialization=True).' : ''}`,
      { cause },
    ),
  link: (what) =>
    new EnsuiteError(
      'PATH_ESCAPES',
      `${join(folder, name)} is ${what}, so what is read could lie outside the folder. Put a copy of the file in its place; 'cp -rL' copies a folder of Hugging Face's cache so.`,
    ),
})
