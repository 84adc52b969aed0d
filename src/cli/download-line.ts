import type { DownloadProgress } from '../datasets/index.ts'
import type { Output } from './output.ts'
import { duration } from './progress.ts'
import { progressBar } from './progress-bar.ts'

export interface DownloadLine {
  readonly update: (progress: DownloadProgress) => void
  readonly stop: () => void
}

/** Where no bar can be drawn, a line so often. */
const LINE_EVERY_MS = 10_000

/** How far a download is: a bar with rate and time left on a terminal, elsewhere a line now and then. */
export function downloadLine(output: Output, name: string): DownloadLine {
  if (!output.live) {
    let last = performance.now()
    return {
      update: (progress) => {
        if (performance.now() - last < LINE_EVERY_MS) return
        last = performance.now()
        output.note(`${name}: ${describe(progress)}`)
      },
      stop: () => undefined,
    }
  }
  const bar = progressBar(`${name} {bar} {text}`)
  let running = false
  return {
    update: (progress) => {
      const payload = { text: describe(progress) }
      // Of unknown length: the bar stays empty, the text counts.
      if (!running) bar.start(progress.total ?? 1, 0, payload)
      running = true
      bar.update(progress.total === undefined ? 0 : progress.bytes, payload)
    },
    stop: () => {
      if (running) bar.stop()
    },
  }
}

function describe({ bytes, total, rate, secondsLeft }: DownloadProgress): string {
  const of = total === undefined ? '' : ` of ${megabytes(total)}`
  const left = secondsLeft === undefined ? '' : ` · ${duration(secondsLeft)} left`
  return `${megabytes(bytes)}${of} · ${megabytes(rate)}/s${left}`
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
