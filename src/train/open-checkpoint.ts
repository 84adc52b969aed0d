import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readBytes, type TensorFile } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { decodeDigested } from './checkpoint-digest.ts'
import { FILE, keptSlots, type Progress, type Weights } from './checkpoint.ts'
import { differingOptions } from './differing-options.ts'
import { bestFile, keptFiles, keptNumber } from './kept-checkpoints.ts'
import type { ParameterStore } from './parameter-store.ts'

/** A checkpoint that was read, and not yet put back. */
export interface OpenedCheckpoint {
  readonly progress: Progress
  /** Puts all of it back into the store, or nothing; gives the weights of the best evaluation. Throws `CHECKPOINT_INVALID` where it is not whole. */
  restore(store: ParameterStore): Weights | undefined
}

/**
 * Reads the checkpoint of a folder, or another file of one there. Undefined where there is none.
 * Throws `CHECKPOINT_INVALID` where it belongs to another run (`fingerprint`: any may do) or is not what was written, naming those that are kept and whole.
 */
export async function openCheckpoint(
  folder: string,
  fingerprint?: string,
  file = FILE,
): Promise<OpenedCheckpoint | undefined> {
  const read = await readCheckpoint(join(folder, file)).catch(async (cause: unknown) => {
    throw new EnsuiteError(
      'CHECKPOINT_INVALID',
      `${(cause as Error).message} ${await waysOn(folder, file)}`,
      {
        cause,
      },
    )
  })
  if (read === undefined) return undefined
  const { tensors, progress } = read
  if (fingerprint !== undefined && progress.fingerprint !== fingerprint) {
    const differing = differingOptions(progress.fingerprint, fingerprint)
    throw new EnsuiteError(
      'CHECKPOINT_INVALID',
      `The checkpoint in ${folder} belongs to a run with other data or options${differing === '' ? '' : `: ${differing}`}. Repeat the options of that run, or ${anew(folder)}.`,
    )
  }
  const find = (name: string, length: number): Float32Array => {
    const data = tensors[name]?.data
    if (data?.length !== length)
      throw new EnsuiteError(
        'CHECKPOINT_INVALID',
        `The checkpoint in ${folder} lacks tensor '${name}' of ${length} values, and cannot be gone on from: ${anew(folder)}.`,
      )
    return data
  }
  return { progress, restore: (store) => restore(store, progress, find) }
}

/** Where training stood, by the latest file of the folder that is whole; undefined where none is. */
export async function latestProgress(folder: string): Promise<Progress | undefined> {
  for (const file of [FILE, ...(await keptFiles(folder))]) {
    const read = await readCheckpoint(join(folder, file)).catch(() => undefined)
    if (read !== undefined) return read.progress
  }
  return undefined
}

/** What to do where a file cannot be gone on from: the others that can, as `resume` takes them. */
export async function waysOn(folder: string, file: string): Promise<string> {
  const whole: string[] = []
  let best: string | undefined
  for (const each of [FILE, ...(await keptFiles(folder))]) {
    if (each === file) continue
    const read = await readCheckpoint(join(folder, each)).catch(() => undefined)
    if (read === undefined) continue
    whole.push(each)
    best ??= bestFile(read.progress)
  }
  const kept = [
    ...whole.map(keptNumber).filter((number) => number !== undefined),
    ...(best !== undefined && whole.includes(best) ? ['best'] : []),
  ]
  const ways = [
    ...(whole.includes(FILE) ? ['the last one (--resume, or resume: true in code)'] : []),
    ...(kept.length > 0
      ? [
          `one that is kept: ${kept.join(', ')} (--resume-from ${kept[0]!}, or resume: ${typeof kept[0] === 'number' ? kept[0] : "'best'"} in code)`,
        ]
      : []),
  ]
  if (ways.length > 0) return `Go on from ${ways.join(', or from ')}.`
  return `Nothing else is there to go on from: ${anew(folder)}.`
}

/** Without --resume the command would only find the checkpoint in its way. */
const anew = (folder: string): string => `remove the folder ${folder} to start anew`

/** Undefined where there is no such file. Throws an `Error` saying what is wrong with it. */
async function readCheckpoint(
  path: string,
): Promise<{ readonly tensors: TensorFile['tensors']; readonly progress: Progress } | undefined> {
  const bytes = await readWhole(path).catch((cause: unknown) => {
    // Only where there is none a run may start anew: it overwrites what is there.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`The checkpoint ${path} cannot be read: ${String(cause)}.`, { cause })
  })
  if (bytes === undefined) return undefined
  try {
    const { tensors, metadata } = decodeDigested(bytes, path)
    const progress = (JSON.parse(metadata['progress'] ?? '{}') ?? {}) as Progress
    // Those of runs over windows that were written before there were evaluations go on.
    return {
      tensors,
      progress: { ...progress, evaluations: (progress as Partial<Progress>).evaluations ?? [] },
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The checkpoint ${path} is damaged, and cannot be gone on from. ${why}`, { cause })
  }
}

/** `readFile` takes no more than 2 GiB, and a large catalogue's checkpoint has more. */
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size: length } = await file.stat()
    return await readBytes(file, { from: 0, length, unreadable: (why, cause) => new Error(why, { cause }) })
  } finally {
    await file.close()
  }
}

function restore(
  store: ParameterStore,
  progress: Progress,
  find: (name: string, length: number) => Float32Array,
): Weights | undefined {
  const found = keptSlots(store).flatMap(({ parameter: { name }, vectors }) =>
    vectors.map(([of, into]) => ({ into, data: find(`${of}.${name}`, into.length) })),
  )
  const best =
    progress.best &&
    new Map(
      store.slots.flatMap(({ parameter: { name }, update, values }) =>
        update === undefined ? [] : [[name, find(`best.${name}`, values.length)] as const],
      ),
    )
  for (const { into, data } of found) into.set(data)
  // What is not updated is the same in every evaluation: what the file has of it, or else what it started from.
  return (
    best &&
    Object.fromEntries(
      store.slots.map(({ parameter: { name }, values }) => [name, best.get(name) ?? values.slice()]),
    )
  )
}
