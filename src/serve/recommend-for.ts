import type { Recommendations, Recommender, RecommendOptions } from '../recommend/index.ts'
import type { Event } from '../workflow/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Model } from './models.ts'
import type { Parts } from './parts.ts'
import type { Call } from './route.ts'
import type { StoredEvent } from './sessions/session-store.ts'

export interface Wanted {
  /** Chosen when its turn has come, so that it is one that is loaded then. */
  readonly model: () => Model
  readonly events: readonly StoredEvent[]
  readonly options: RecommendOptions
}

export interface Answered {
  readonly model: Model
  readonly recommendations: Recommendations
}

/** Longer than the slowest batch; what takes longer is given up, so that no caller hangs. */
const LONGEST_MS = 5_000

/** Waits for its turn, then recommends. Rejects with `OVERLOADED` where that would be too late, and with what `recommend` rejects with. */
export async function recommendFor(
  { events, ...wanted }: Wanted,
  parts: Parts,
  call: Pick<Call<'recommend'>, 'stage'>,
): Promise<Answered> {
  const { model, recommendations } = await recommendAllFor({ ...wanted, sessions: [events] }, parts, call)
  return { model, recommendations: recommendations[0]! }
}

/** The same of several sessions, by one model and in one turn. */
export async function recommendAllFor(
  {
    model,
    sessions,
    options,
  }: Omit<Wanted, 'events'> & { readonly sessions: readonly (readonly StoredEvent[])[] },
  parts: Parts,
  call: Pick<Call<'infer'>, 'stage'>,
): Promise<{ readonly model: Model; readonly recommendations: readonly Recommendations[] }> {
  const ask = (recommender: Recommender): Promise<readonly Recommendations[]> =>
    Promise.all(
      // Async, so that where one cannot be read those that were asked before are not left alone.
      sessions.map(async (events) =>
        recommender.recommend(
          events.map((event) => eventFor(event, recommender.itemColumn)),
          options,
        ),
      ),
    )
  const { model: chosen, answer } = await askModel({ model, ask }, parts, call)
  return { model: chosen, recommendations: answer }
}

/** Waits for its turn, then asks a model. Rejects with `OVERLOADED` where that would be too late, and with what the model rejects with. */
export function askModel<Answer>(
  { model, ask }: { readonly model: () => Model; readonly ask: (own: Recommender) => Promise<Answer> },
  { admission, now }: Pick<Parts, 'admission' | 'now'>,
  { stage }: Pick<Call<'recommend'>, 'stage'>,
): Promise<{ readonly model: Model; readonly answer: Answer }> {
  return admission.run(
    async () => {
      // From here to the call of the recommender nothing waits: a model that is replaced closes only after what it was asked by then.
      const chosen = model()
      const started = now()
      const asked = ask(chosen.current.recommender)
      const encoded = now()
      stage('encode', encoded - started)
      const answer = await inTime(asked, {
        ms: LONGEST_MS,
        late: () => new EnsuiteError('OVERLOADED', `Scoring took longer than ${LONGEST_MS} ms.`),
      })
      stage('score', now() - encoded)
      return { model: chosen, answer }
    },
    (waited) => {
      stage('queue', waited)
    },
  )
}

/** The event as the workflow reads it. Throws `COLUMN_INVALID` for one whose values name another item. */
export function eventFor({ item, values = {} }: StoredEvent, itemColumn: string): Event {
  const other = Object.hasOwn(values, itemColumn) ? String(values[itemColumn] ?? '') : ''
  if (other !== '' && other !== item)
    throw new EnsuiteError(
      'COLUMN_INVALID',
      `An event has the item '${item.slice(0, 100)}', and its values say '${other.slice(0, 100)}' in '${itemColumn}', the column of the item. Leave '${itemColumn}' out of the values.`,
    )
  const given = Object.entries(values).filter(([, value]) => value !== null)
  return Object.fromEntries([...given, [itemColumn, item]]) as Event
}

/** The answer, or the error of one that is too late, which is no longer waited for. */
export async function inTime<Result>(
  answer: Promise<Result>,
  { ms, late: error }: { readonly ms: number; readonly late: () => Error },
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
