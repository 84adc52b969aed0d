import { join } from 'node:path'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { parseJson, withPlainFile } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'

const MIB = 1024 * 1024
/** The files of a run folder, and how large each may be to be read. Anything else in the folder is left alone. */
export const runFiles = {
  run: { name: 'run.json', limit: 16 * MIB },
  events: { name: 'events.jsonl', limit: 512 * MIB },
  evaluation: { name: 'evaluation.json', limit: 64 * MIB },
} as const

export type RunFile = keyof typeof runFiles

export const runPath = (folder: string, file: RunFile): string => join(folder, runFiles[file].name)

export const invalidRun = (what: string, cause?: unknown): EnsuiteError =>
  new EnsuiteError('RUN_INVALID', `${what}. Restore the folder from where it was saved, or train again.`, {
    cause,
  })

/** The bytes of a file of the folder. Undefined where it is not there. Throws `RUN_INVALID`, also for one that is too large, and `PATH_ESCAPES` for a link. */
export async function readRunFile(
  folder: string,
  file: RunFile,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const path = runPath(folder, file)
  const { limit } = runFiles[file]
  const missing = invalidRun(`${path} is not there`)
  try {
    return await withPlainFile(
      path,
      {
        missing: () => missing,
        unreadable: (why, cause) => invalidRun(`${path} cannot be read: ${why}`, cause),
        link: (what) =>
          new EnsuiteError(
            'PATH_ESCAPES',
            `${path} is ${what}, which may lead outside the run folder. Put the file itself there.`,
          ),
      },
      ({ size, read }) => {
        if (size <= limit) return read(0, size)
        throw invalidRun(`${path} has ${size} bytes, more than the ${limit} that are read`)
      },
    )
  } catch (error) {
    if (error === missing) return undefined
    throw error
  }
}

/** A JSON file of the folder, checked. Undefined where it is not there. Throws as `readRunFile` does. */
export async function readRunJson(folder: string, file: RunFile, schema: TSchema): Promise<unknown> {
  const bytes = await readRunFile(folder, file)
  if (bytes === undefined) return undefined
  const value = parseJson(bytes)
  if (value === undefined) throw invalidRun(`${runPath(folder, file)} is no JSON`)
  checkShape(runPath(folder, file), value, schema)
  return value
}

/** Throws `RUN_INVALID`, naming the first place that is not as expected. */
export function checkShape(where: string, value: unknown, schema: TSchema): void {
  if (Value.Check(schema, value)) return
  const first = Value.Errors(schema, value).at(0)
  throw invalidRun(`${where} is not what a run holds: ${first?.instancePath || 'it'} ${first?.message ?? ''}`)
}
