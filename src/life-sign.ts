import { open, stat, utimes } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { ProcessMark } from './process-mark.ts'

/** So often who holds a mark touches it. */
const BEAT_MS = 2000
/** Who has not touched its mark for so long, while somebody looked, has ended. */
const SILENT_MS = 20_000
const LOOK_MS = 500
/** What was touched so long ago need not be looked at: clocks of machines do not differ by as much. */
const LONG_AGO_MS = 3_600_000

/** What tests exchange. */
export interface LifeSeams {
  readonly beatMs?: number
  readonly silentMs?: number
}

export interface LifeSign {
  /** Gives one now. Rejects where the mark is gone: somebody took this process for ended. */
  readonly now: () => Promise<void>
  readonly stop: () => void
}

/** Touches a file or folder now and again, so that those who cannot look for this process see that it lives. Keeps no process from ending. */
export function giveLifeSigns(path: string, { beatMs = BEAT_MS }: LifeSeams = {}): LifeSign {
  // Asks the file's own server, on a shared volume, where looking would be answered from memory.
  const now = (): Promise<void> => {
    const at = new Date()
    return utimes(path, at, at)
  }
  const timer = setInterval(() => void now().catch(() => undefined), beatMs)
  timer.unref()
  return {
    now,
    stop: () => {
      clearInterval(timer)
    },
  }
}

/**
 * Whether a file or folder is touched meanwhile: true as soon as it is, false where it is gone, or 20 seconds pass without it. Goes by changes and not by times, as clocks of machines
 * differ.
 */
async function givesLifeSigns(path: string, { silentMs = SILENT_MS }: LifeSeams = {}): Promise<boolean> {
  const first = await touchedMs(path)
  if (first === undefined || Date.now() - first > LONG_AGO_MS) return false
  const started = performance.now()
  while (performance.now() - started < silentMs) {
    await wait(Math.min(LOOK_MS, silentMs / 4))
    const next = await touchedMs(path)
    if (next !== first) return next !== undefined
  }
  return false
}

/** Whether who made a file or folder lives: looked for here, or by its signs of life. */
export async function isLive({ state }: ProcessMark, path: string, seams?: LifeSeams): Promise<boolean> {
  return state === 'elsewhere' ? givesLifeSigns(path, seams) : state === 'alive'
}

/** Undefined where nothing is there. */
async function touchedMs(path: string): Promise<number | undefined> {
  try {
    // Opened, as shared volumes then ask their server; some systems open no folders.
    const file = await open(path, 'r').catch(() => undefined)
    if (file === undefined) return (await stat(path)).mtimeMs
    try {
      return (await file.stat()).mtimeMs
    } finally {
      await file.close()
    }
  } catch (error) {
    const gone = ['ENOENT', 'ESTALE'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (gone) return undefined
    throw error
  }
}
