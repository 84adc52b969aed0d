import type { EpochRecord, EvaluationRecord, TrainingCallback } from '../train/index.ts'
import type { Output } from './output.ts'
import { progressBar } from './progress-bar.ts'

/** A bar with rate, loss and time left on a terminal; a line an epoch, and an evaluation inside of one. */
export function progressLine(output: Output, metric: string): TrainingCallback {
  if (!output.live) return lines(output, metric)
  const bar = progressBar('epoch {epoch} {bar} {value}/{total} · loss {loss} · {rate} labels/s · {left} left')
  const inside = lines(output, metric)
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
      inside.onUpdate(progress)
    },
    onEvaluation: (record) => {
      bar.stop()
      running = false
      inside.onEvaluation(record)
    },
    onEpoch: (record) => {
      bar.stop()
      running = false
      inside.onEpoch(record)
    },
    onEnd: () => {
      bar.stop()
    },
  }
}

/** A line for each epoch, and for each evaluation inside of one: that at its end is in its own line. */
function lines(
  output: Output,
  metric: string,
): Required<Pick<TrainingCallback, 'onUpdate' | 'onEvaluation' | 'onEpoch'>> {
  let isEnd = true
  return {
    onUpdate: ({ batch, batches }) => {
      isEnd = batch === batches
    },
    onEvaluation: (record) => {
      if (!isEnd) output.note(evaluationLine(record, metric))
    },
    onEpoch: (record) => output.note(epochLine(record, metric)),
  }
}

function evaluationLine({ epoch, update, validation, seconds }: EvaluationRecord, metric: string): string {
  const value = validation[metric]
  return `epoch ${epoch}, update ${update}${value === undefined ? '' : ` · validation ${metric} ${value.toFixed(4)}`} · ${seconds.toFixed(1)} s`
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
