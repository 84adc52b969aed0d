import type { TrainingStart } from '../../train/index.ts'
import type { Answer, MlflowClient, Refusal } from './mlflow-client.ts'

/** A point of a metric, as the server takes it. */
export interface Point {
  readonly key: string
  readonly value: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly step: number
}

/** The most that one request may hold. */
export const BATCH = { metrics: 1000, params: 100 } as const

export interface RunOptions {
  readonly experiment: string
  readonly runName: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly now: () => Date
  readonly params: Readonly<Record<string, string>>
  readonly start: TrainingStart
}

/** A run on the server. */
export interface MlflowRun {
  readonly id: string
  /** The last step that it has of each metric: of a run that is gone on with. */
  readonly steps: ReadonlyMap<string, number>
}

/** The tag by which a run that is resumed finds its run on the server. */
const DIGEST = 'ensuite.digest'

/** Thrown here, and caught by what sends. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.error.message, { cause: refusal.error })
    this.refusal = refusal
  }
}

export async function asked(
  client: MlflowClient,
  method: 'GET' | 'POST',
  path: string,
  body: object,
): Promise<Answer> {
  const got = await client.ask(method, path, body)
  if ('refusal' in got) throw new Refused(got.refusal)
  return got.answer
}

/** A run, and which parameters the server knows of it. */
interface OpenRun extends MlflowRun {
  readonly params: Set<string>
}

/** What finds or makes the experiment and the run, and says what is trained. Called again after the server has failed it goes on from where it was: there is one run. Its calls throw `Refused`. */
export function runOpener(client: MlflowClient, options: RunOptions): () => Promise<MlflowRun> {
  let run: OpenRun | undefined
  return async () => {
    run ??= await openRun(client, options)
    const { id, params } = run
    const missing = Object.entries(options.params).filter(([key]) => !params.has(key))
    for (let at = 0; at < missing.length; at += BATCH.params) {
      const batch = missing.slice(at, at + BATCH.params)
      const told = batch.map(([key, value]) => ({ key, value }))
      await asked(client, 'POST', 'runs/log-batch', { run_id: id, params: told })
      for (const [key] of batch) params.add(key)
    }
    return run
  }
}

async function openRun(client: MlflowClient, options: RunOptions): Promise<OpenRun> {
  const { runName, tags, now, start } = options
  const experiment = await experimentId(client, options.experiment)
  const before = start.resume ? await runBefore(client, experiment, start.digest) : undefined
  if (before !== undefined) {
    await asked(client, 'POST', 'runs/update', { run_id: before.id, status: 'RUNNING' })
    return before
  }
  const made = await asked(client, 'POST', 'runs/create', {
    ...{ experiment_id: experiment, start_time: now().getTime() },
    ...(runName !== undefined && { run_name: runName }),
    tags: Object.entries({ ...tags, [DIGEST]: start.digest }).map(([key, value]) => ({ key, value })),
  })
  return { id: textAt(made, 'run', 'info', 'run_id'), steps: new Map(), params: new Set() }
}

async function experimentId(client: MlflowClient, name: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const found = await client.ask('GET', 'experiments/get-by-name', { experiment_name: name })
    if ('answer' in found) return textAt(found.answer, 'experiment', 'experiment_id')
    if (found.refusal.name !== 'RESOURCE_DOES_NOT_EXIST') throw new Refused(found.refusal)
    const made = await client.ask('POST', 'experiments/create', { name })
    if ('answer' in made) return textAt(made.answer, 'experiment_id')
    // Another run may have been quicker.
    if (made.refusal.name !== 'RESOURCE_ALREADY_EXISTS' || attempt === 2) throw new Refused(made.refusal)
  }
}

async function runBefore(
  client: MlflowClient,
  experiment: string,
  digest: string,
): Promise<OpenRun | undefined> {
  const found = await asked(client, 'POST', 'runs/search', {
    ...{ experiment_ids: [experiment], filter: `tags.\`${DIGEST}\` = '${digest}'`, max_results: 1 },
    order_by: ['attributes.start_time DESC'],
  })
  const { runs } = found as { readonly runs?: readonly Answer[] }
  const [latest] = Array.isArray(runs) ? (runs as readonly Answer[]) : []
  if (latest === undefined) return undefined
  const { metrics = [], params = [] } = Object(latest['data']) as Readonly<
    Partial<Record<'metrics' | 'params', readonly Answer[]>>
  >
  const steps = metrics.map(({ key, step }) => [String(key), Number(step ?? 0)] as const)
  return {
    id: textAt(latest, 'info', 'run_id'),
    steps: new Map(steps),
    params: new Set(params.map(({ key }) => String(key))),
  }
}

function textAt(answer: Answer, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((value, key) => (Object(value) as Answer)[key], answer)
  return String(found)
}
