import { choose, itemConditions, type Candidate, type RuleEffects } from '../rules/index.ts'
import type { SessionRow, ScoredRow } from './session-row.ts'
import type { ShopOptions } from './shop-options.ts'
import type { ScoredColumns, shopViews } from './shop-view.ts'
import { standIns } from './stand-ins.ts'

export interface ShopRequest {
  readonly k: number
  /** Items of the session, oldest first. */
  readonly session: readonly string[]
  readonly excludeSeen: boolean
  /** Scores the session; none where the model has no known item to go by. */
  readonly score?: ((ask: Omit<SessionRow, 'inputs'>) => Promise<ScoredRow>) | undefined
  /** Looks up what some items are alike by, before they are weighed against each other; nothing where that is given. */
  readonly lookUp?: ((items: readonly string[]) => Promise<void>) | undefined
}

/** What of the model an answer needs. */
export interface ShopModel extends ScoredColumns {
  readonly popular: readonly { readonly item: string; readonly score: number }[]
  /** Columns that are taken out. */
  readonly removed: ReadonlySet<number>
  /** -1 for an item that has no column. */
  readonly columnOf: (item: string) => number
  readonly views: ReturnType<typeof shopViews>
  /** The vectors of columns, one after the other; none of a baseline. */
  readonly vectorsOf?: (columns: Int32Array) => Promise<Float32Array>
}

export interface Answer {
  readonly items: readonly Candidate[]
  /** How many items of the catalogue might be recommended. */
  readonly allowed?: number
  readonly predictions?: ScoredRow['predictions']
  /** Whether the model says nothing of any item. */
  readonly silent?: boolean
}

/** So many candidates at least where rules choose among them, and in each round so many times more where they did not suffice. */
const FEWEST = 100
const GROWTH = 4
/** So many at most, or so many times as many as are asked for: rules that more would not meet either must not cost the whole catalogue. */
const MOST = 4096
const MOST_TIMES = 16

const nothing = (): Promise<void> => Promise.resolve()

/** One answer by some rules: what may be recommended is settled before the best are taken; candidates grow until rules are met or there are no more. */
export async function answerByRules(
  model: ShopModel,
  rules: RuleEffects,
  request: ShopRequest & ShopOptions & { readonly now: number },
): Promise<Answer> {
  const { k, session, excludeSeen, score, catalogue, vectors, similar, popularity, now } = request
  const { lookUp = nothing } = request
  const effects = rules.map(([, effect]) => effect)
  const view = catalogue && model.views(catalogue, itemConditions(effects), now)
  const hidden = new Set(effects.flatMap((effect) => effect.hidden ?? []))
  const left = new Set([...hidden, ...(excludeSeen ? session : [])])
  const mayShow = (item: string): boolean =>
    !hidden.has(item) && !model.removed.has(model.columnOf(item)) && (view?.weights.admits(item) ?? true)
  const boost = (item: string): number => view?.weights.boosts?.[catalogue!.placeOf(item)] ?? 0
  const pins = effects
    .flatMap((effect) => effect.pins ?? [])
    .filter(({ item, place }) => place < k && mayShow(item))
  const exploration = effects.find((effect) => effect.exploration !== undefined)?.exploration
  const newItems = (exploration?.drawn(newOnes()) ?? []).slice(0, Math.max(FEWEST, GROWTH * k))
  function newOnes(): readonly string[] {
    const found: string[] = []
    for (let place = 0; place < catalogue!.size; place++)
      if (view!.weights.allowed[place] === 1 && exploration!.isNew(catalogue!.addedAt(place)))
        found.push(catalogue!.itemAt(place))
    return found.filter(
      (item) => mayShow(item) && !left.has(item) && !pins.some((each) => each.item === item),
    )
  }
  const needs = effects.flatMap((effect) => effect.needs ?? [])
  const scored = [...pins.map(({ item }) => item), ...newItems]
  const columns = scored.map(model.columnOf)
  const excluded = Int32Array.from([
    ...model.removed,
    ...[...left].map(model.columnOf).filter((column) => column >= 0),
  ])
  const chooses = effects.some((effect) => effect.noise ?? effect.limits ?? effect.needs ?? effect.spread)

  const bound = Math.max(MOST, MOST_TIMES * k)
  const gather = async (most: number) => {
    if (score === undefined)
      return { stage: [], spare: new Set<string>(), scores: undefined, exhausted: true }
    const count = Math.min(most, bound, model.columns())
    const found = await score({
      excluded,
      k: count,
      ...(view && { candidates: view.candidates() }),
      ...(view && { also: needs.map(({ when }) => ({ k: count, candidates: view.candidates(when) })) }),
      scoresOf: Int32Array.from(columns.filter((column) => column >= 0)),
      saidOnly: true,
    })
    const main = new Set(found.columns)
    // What quotas want may be far down: the best of it is looked for apart.
    const others = new Map<number, number>()
    for (const list of found.also ?? [])
      for (const [at, column] of list.columns.entries())
        if (!main.has(column)) others.set(column, list.scores[at]!)
    const offered = (column: number, own: number): Candidate => ({
      item: model.itemAt(column),
      score: own,
      source: 'model',
    })
    const spare = [...others].sort(([one, left], [other, right]) => right - left || one - other)
    return {
      stage: [
        ...Array.from(found.columns, (column, at) => offered(column, found.scores[at]!)),
        ...spare.map(([column, own]) => offered(column, own)),
      ],
      spare: new Set(spare.map(([column]) => model.itemAt(column))),
      scores: found,
      exhausted: count < most || count === model.columns() || found.columns.length < count,
    }
  }

  for (let most = chooses ? Math.max(FEWEST, GROWTH * k) : k + pins.length; ; most *= GROWTH) {
    const { stage, spare, scores, exhausted } = await gather(most)
    const known = columns.filter((column) => column >= 0)
    const scoreOf = (item: string): number => {
      const at = known.indexOf(model.columnOf(item))
      return at < 0 || scores === undefined ? 0 : scores.scoresOf![at]! + boost(item)
    }
    const options = {
      k,
      effects,
      pinned: new Map(
        pins.map(({ item, place }) => [place, { item, score: scoreOf(item), source: 'pinned' as const }]),
      ),
      explored: newItems.map((item): Candidate => ({ item, score: scoreOf(item), source: 'explored' })),
      exploration,
    }
    const done = (items: readonly Candidate[]): Answer => ({
      items,
      ...(view && { allowed: view.weights.count }),
      ...(scores && { predictions: scores.predictions }),
      ...(scores?.silent === true && { silent: true }),
    })
    await lookUp([...scored, ...stage.map(({ item }) => item)])
    const choice = choose([stage], { ...options, spare })
    if (choice.met) return done(choice.items)
    if (!exhausted) continue
    const offered = new Set(stage.map(({ item }) => item))
    const rest = standIns({
      most,
      session,
      vectors,
      // What the model has no more of is another matter than what it knows nothing of.
      similar: score === undefined ? similar : undefined,
      popularity,
      popular: model.popular,
      items: () =>
        catalogue === undefined
          ? Array.from({ length: model.columns() }, (_, column) => model.itemAt(column))
          : Array.from({ length: catalogue.size }, (_, place) => catalogue.itemAt(place)),
      addedAt: catalogue && ((item) => catalogue.addedAt(catalogue.placeOf(item))),
      admits: (item) => !offered.has(item) && !left.has(item) && mayShow(item),
      boost: view?.weights.boosts && boost,
    })
    await lookUp(rest.stages.flat().map(({ item }) => item))
    const withRest = choose([stage, ...rest.stages], options)
    if (withRest.met || rest.exhausted || most >= bound) return done(withRest.items)
  }
}
