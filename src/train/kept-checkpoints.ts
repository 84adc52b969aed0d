import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FILE, type Progress } from './checkpoint.ts'

/** One that is kept beside the checkpoint that a run goes on from, and where training stood then. */
interface Kept {
  readonly file: string
  readonly update: number
}

const PATTERN = /^(epoch|window)-\d+(-update-\d+)?\.safetensors$/

export const epochFile = (epoch: number): string => `epoch-${epoch}.safetensors`
export const windowFile = (window: number): string => `window-${window}.safetensors`

/** The number of the epoch, or the window, at whose end a kept file stands; undefined for one inside an epoch. */
export const keptNumber = (file: string): number | undefined => {
  const number = /^(?:epoch|window)-(\d+)\.safetensors$/.exec(file)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** Those that are to be there where training stands: the last `keep` epochs, or windows, and the best evaluation. */
function kept(progress: Progress, keep: number): readonly Kept[] {
  const { history, windows } = progress
  const best = bestOf(progress)
  const ended = windows?.done.length ?? 0
  return [
    ...history.slice(-keep).map(({ epoch, updates }) => ({ file: epochFile(epoch), update: updates })),
    // Only that of the window that has just ended is written, and it begins where the next one starts.
    ...(windows?.done.slice(-keep) ?? []).map((_, at, last) => {
      const window = ended - last.length + at + 1
      return { file: windowFile(window), update: window === ended ? windows!.start : -1 }
    }),
    ...(best === undefined ? [] : [best]),
  ]
}

/** The file that is kept of the best evaluation; undefined where there was none. */
export const bestFile = (progress: Progress): string | undefined => bestOf(progress)?.file

function bestOf({ best, history }: Progress): Kept | undefined {
  if (best === undefined) return undefined
  const { epoch, update } = best
  const isEnd = history.some((each) => each.epoch === epoch && each.updates === update)
  return { file: isEnd ? epochFile(epoch) : `epoch-${epoch}-update-${update}.safetensors`, update }
}

/** The files to write where training stands: the one to go on from comes last. */
export const checkpointFiles = (progress: Progress, keep: number | undefined): readonly string[] => [
  ...(keep === undefined
    ? []
    : new Set(
        kept(progress, keep)
          .filter(({ update }) => update === progress.update)
          .map(({ file }) => file),
      )),
  FILE,
]

/** Removes what is no longer to be kept; to be called once that is written which is. */
export async function pruneCheckpoints(folder: string, progress: Progress, keep: number): Promise<void> {
  const stay = new Set(kept(progress, keep).map(({ file }) => file))
  for (const file of await keptFiles(folder)) if (!stay.has(file)) await rm(join(folder, file))
}

/** The files that were kept, the latest first. */
export async function keptFiles(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => PATTERN.test(name))
  const place = (name: string): readonly number[] => [...name.matchAll(/\d+/g)].map(Number)
  // The end of an epoch comes after what is inside of it.
  const later = (left: string, right: string): number => {
    const [[epoch = 0, update = Infinity], [other = 0, otherUpdate = Infinity]] = [place(left), place(right)]
    return other - epoch || (update === otherUpdate ? 0 : update > otherUpdate ? -1 : 1)
  }
  return names.sort(later)
}

/** Removes all that were kept, of a run whose artifact is to be replaced. */
export async function removeKept(folder: string): Promise<void> {
  for (const file of await keptFiles(folder)) await rm(join(folder, file))
}
