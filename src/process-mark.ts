import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAlive, ownStartSeconds } from './is-alive.ts'

/** Who made a file or folder: a part of its name, `<process>-<its start in seconds>-<its place>.<random>`. */
export interface ProcessMark {
  readonly process: number
  /** Whether that process lives. `elsewhere`: it is of another machine or container, where this one cannot look. */
  readonly state: 'alive' | 'ended' | 'elsewhere'
}

/** Where numbers of processes mean the same: a run of a kernel and a PID namespace of it; the name of the machine, as not every system tells these apart. */
export const ownPlace: string = createHash('sha256')
  .update(
    [
      hostname(),
      said(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
      said(() => readlinkSync('/proc/self/ns/pid')),
    ].join('\n'),
  )
  .digest('hex')
  .slice(0, 12)

function said(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

/** A mark of this process, another one each time. */
export const processMark = (): string =>
  `${process.pid}-${Math.round(ownStartSeconds)}-${ownPlace}.${randomBytes(6).toString('hex')}`

/** Undefined for a text that is no mark. */
export function readProcessMark(text: string): ProcessMark | undefined {
  const found = /^([1-9]\d{0,9})-(\d{1,12})(?:-([0-9a-f]{12}))?\.[0-9a-f]{12}$/.exec(text)
  if (found === null) return undefined
  const id = Number(found[1])
  // Earlier versions did not say the place.
  if ((found[3] ?? ownPlace) !== ownPlace) return { process: id, state: 'elsewhere' }
  return { process: id, state: isAlive(id, Number(found[2])) ? 'alive' : 'ended' }
}

/** As a message calls it. */
export const processName = ({ process: id, state }: ProcessMark): string =>
  state === 'elsewhere' ? `process ${id} of another container or machine` : `process ${id}`
