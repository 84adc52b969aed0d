import { SEED } from './configurations.ts'
import { BATCH, epochModel, TIME, type Epoch } from './our-epoch.ts'
import { run, waitingEnvironment, type Waiting } from './python.ts'

export interface RecToolsOptions {
  readonly python: string
  readonly data: string
  readonly threads: number
  readonly waiting: Waiting
  readonly batches?: number
}

/** One epoch of RecTools' SASRec, in a new process. */
export async function rectoolsEpoch({
  python,
  data,
  threads,
  waiting,
  batches,
}: RecToolsOptions): Promise<Epoch> {
  const settings = {
    epochs: 1,
    threads,
    time: TIME,
    batch: BATCH,
    seed: SEED,
    ...epochModel,
    ...(batches && { batches }),
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const { stdout } = await run(python, ['bench/peers/rectools_epoch.py', data, ...args], {
    env: { ...process.env, ...waitingEnvironment(waiting) },
  })
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as Partial<Epoch>
  if (typeof last.seconds !== 'number' || typeof last.batches !== 'number')
    throw new Error(
      `RecTools should have ended with the figures of an epoch; its last line is ${JSON.stringify(last)}.`,
    )
  return { seconds: last.seconds, batches: last.batches }
}
