import { randomBytes } from 'node:crypto'
import { isAlive, ownStartSeconds } from './is-alive.ts'

/** Who made a file or folder: a part of its name, `<process>-<its start in seconds>.<random>`. */
export interface ProcessMark {
  readonly process: number
  /** Whether that process still lives. */
  readonly lives: boolean
}

/** A mark of this process, another one each time. */
export const processMark = (): string =>
  `${process.pid}-${Math.round(ownStartSeconds)}.${randomBytes(6).toString('hex')}`

/** Undefined for a text that is no mark. */
export function readProcessMark(text: string): ProcessMark | undefined {
  const found = /^([1-9]\d{0,9})-(\d{1,12})\.[0-9a-f]{12}$/.exec(text)
  if (found === null) return undefined
  const id = Number(found[1])
  return { process: id, lives: isAlive(id, Number(found[2])) }
}
