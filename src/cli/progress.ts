import { Presets, SingleBar } from 'cli-progress'
import type { EpochRecord, TrainingCallback } from '../train/index.ts'
import type { Output } from './output.ts'

/** A bar with rate, loss and time left on a terminal; elsewhere a line an epoch. */
export function progressLine(output: Output, metric: string): TrainingCallback {
  if (!output.live)
    return {
      onEpoch: (record) => {
        output.note(epochLine(record, metric))
      },
    }
  const bar = new SingleBar(
    {
      format: 'epoch {epoch} {bar} {value}/{total} · loss {loss} · {rate} events/s · {left} left',
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  )
  let running = false
  return {
    onUpdate: (progress) => {
      const payload = {
        epoch: `${progress.epoch}/${progress.epochs}`,
        loss: progress.loss.toFixed(4),
        rate: Math.round(progress.rate),
        left: duration(progress.secondsLeft),
      }
      if (!running) bar.start(progress.batches, progress.batch, payload)
      else bar.update(progress.batch, payload)
      running = true
    },
    onEpoch: (record) => {
      bar.stop()
      running = false
      output.note(epochLine(record, metric))
    },
    onEnd: () => {
      bar.stop()
    },
  }
}

function epochLine(record: EpochRecord, metric: string): string {
  const validation = record.validation?.[metric]
  return `epoch ${record.epoch} · loss ${record.loss.toFixed(4)}${validation === undefined ? '' : ` · validation ${metric} ${validation.toFixed(4)}`} · ${record.seconds.toFixed(1)} s`
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60
    ? `${whole} s`
    : whole < 3600
      ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
