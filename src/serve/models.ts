import { basename, dirname, join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { type Deployment, deploy, type Loading } from './deployment.ts'
import { fractionOf } from './fraction.ts'
import { RequestProblem } from './problems.ts'

export interface ModelOptions {
  readonly name: string
  /** Folder of its artifact. */
  readonly folder: string
  /** Its share of the sessions, beside the weights of the others; 0: only who asks for it by name. */
  readonly weight: number
}

/** A name that a model answers to: what answers now, and what answered before. */
export interface Model {
  readonly name: string
  readonly weight: number
  readonly current: Deployment
  readonly previous?: Deployment
}

export interface Models {
  list(): readonly Model[]
  /** The model of a name; throws `MODEL_UNKNOWN`. */
  named(name: string): Model
  /** The model that answers a session: always the same one while weights stay. */
  chosen(session: string): Model
  /** Loads an artifact beside what answers, then puts it in its place. Nothing changes where that fails. A new name starts with weight 0. */
  load(name: string, artifact?: string): Promise<Model>
  /** What answered before answers again, at once. */
  rollback(name: string): Promise<Model>
  setWeights(weights: Readonly<Record<string, number>>): Promise<readonly Model[]>
  remove(name: string): Promise<boolean>
  /** Answers what was asked before, then frees everything. */
  close(): Promise<void>
}

/** Models beside each other at most: each is in memory, and what answered before it. */
const MOST_MODELS = 8

/**
 * Loads the models. What is replaced stays loaded until the next change, for a rollback, and is then closed: a recommender answers all that
 * it was asked before it closes, so no request is lost. Throws what loading throws.
 */
export async function createModels(options: readonly ModelOptions[], loading: Loading): Promise<Models> {
  const models = new Map<string, Model>()
  try {
    for (const { name, folder, weight } of options)
      models.set(name, { name, weight, current: await deploy(folder, loading) })
  } catch (error) {
    for (const { current } of models.values()) await current.close()
    throw error
  }
  const root = dirname(options[0]!.folder)
  checkWeights(models)
  let changing = false

  /** One change at a time. */
  const change = async <Result>(make: () => Promise<Result>): Promise<Result> => {
    if (changing) throw new RequestProblem('BUSY')
    changing = true
    try {
      return await make()
    } finally {
      changing = false
    }
  }
  const named = (name: string): Model => {
    const found = models.get(name)
    if (found === undefined) throw new RequestProblem('MODEL_UNKNOWN')
    return found
  }
  const retire = (deployment: Deployment | undefined): void => {
    // What it was asked is still answered; nobody waits for that.
    void deployment?.close().catch(() => undefined)
  }
  const put = (model: Model): Model => {
    models.set(model.name, model)
    return model
  }
  return {
    list: () => [...models.values()],
    named,
    chosen: (session) => chosenOf([...models.values()], session),
    load: (name, artifact) =>
      change(async () => {
        const old = models.get(name)
        if (old === undefined && artifact === undefined) throw new RequestProblem('MODEL_UNKNOWN')
        if (old === undefined && models.size >= MOST_MODELS)
          throw new EnsuiteError(
            'OPTION_INVALID',
            `A server holds up to ${MOST_MODELS} models. Remove one first.`,
          )
        const folder = artifact === undefined ? old!.current.folder : join(root, basename(artifact))
        const current = await deploy(folder, loading)
        const { weight = 0 } = models.get(name) ?? {}
        retire(old?.previous)
        return put({ name, weight, current, ...(old && { previous: old.current }) })
      }),
    rollback: (name) =>
      change(async () => {
        const { previous, current, weight } = named(name)
        if (previous === undefined) throw new RequestProblem('NOTHING_BEFORE')
        return Promise.resolve(put({ name, weight, current: previous, previous: current }))
      }),
    setWeights: (weights) =>
      change(async () => {
        const changed = new Map(
          [...models.values()].map((model) => [
            model.name,
            { ...model, weight: Object.hasOwn(weights, model.name) ? weights[model.name]! : model.weight },
          ]),
        )
        if (Object.keys(weights).some((name) => !models.has(name)))
          throw new RequestProblem('WEIGHTS_INVALID')
        checkWeights(changed)
        for (const model of changed.values()) put(model)
        return Promise.resolve([...models.values()])
      }),
    remove: (name) =>
      change(async () => {
        const model = models.get(name)
        if (model === undefined) return false
        checkWeights(new Map([...models].filter(([each]) => each !== name)))
        models.delete(name)
        retire(model.previous)
        retire(model.current)
        return Promise.resolve(true)
      }),
    close: async () => {
      const all = [...models.values()].flatMap(({ current, previous }) => [
        current,
        ...(previous ? [previous] : []),
      ])
      await Promise.all(all.map((each) => each.close()))
    },
  }
}

function chosenOf(models: readonly Model[], session: string): Model {
  const total = models.reduce((sum, { weight }) => sum + weight, 0)
  let left = fractionOf(session) * total
  const weighted = models.filter(({ weight }) => weight > 0)
  return weighted.find(({ weight }) => (left -= weight) < 0) ?? weighted.at(-1)!
}

function checkWeights(models: ReadonlyMap<string, Model>): void {
  if (![...models.values()].some(({ weight }) => weight > 0)) throw new RequestProblem('WEIGHTS_INVALID')
}
