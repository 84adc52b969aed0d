import { Presets, SingleBar } from 'cli-progress'

/** A bar on standard error. However the process ends, but where it is killed, the terminal has its cursor and its line wrapping again. */
export function progressBar(format: string): SingleBar {
  const bar = new SingleBar(
    { format, clearOnComplete: true, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  )
  const stop = (): void => bar.stop()
  bar.on('start', () => process.once('exit', stop))
  bar.on('stop', () => process.off('exit', stop))
  return bar
}
