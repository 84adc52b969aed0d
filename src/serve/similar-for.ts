import type { Recommender, SimilarItems } from '../recommend/index.ts'
import { readRules } from '../rules/index.ts'
import type { VectorFilter } from '../vector-store/index.ts'
import type { Model } from './models.ts'
import type { Parts } from './parts.ts'
import { askModel, eventFor } from './recommend-for.ts'
import type { Call } from './route.ts'
import type { StoredEvent } from './sessions/session-store.ts'
import type { Shop } from './shop.ts'
import { similarFilters } from './similar-filters.ts'
import type { FitsTo, LiveVectors, SearchFor } from './vectors/live-vectors.ts'

export interface WantedSimilar {
  /** Chosen when its turn has come, so that it is one that is loaded then. */
  readonly model: () => Model
  readonly to: { readonly item: string } | { readonly events: readonly StoredEvent[] }
  readonly k: number
  readonly filter: unknown
}

export interface SimilarAnswer {
  readonly model: Model
  readonly items: readonly { readonly item: string; readonly score: number }[]
  /** Who says so. */
  readonly source: 'store' | 'model' | 'popular'
}

type Stages = Pick<Call<'similar'>, 'stage'>

/**
 * What is similar. The vector store says it of what the model knows where its vectors are the model's, and of what only the store knows; where it does not answer in time the model's own vectors do;
 * where neither knows what is asked of, what is popular stands in. Rejects with `OVERLOADED`, and `OPTION_INVALID` for what is no filter.
 */
export async function similarFor(wanted: WantedSimilar, parts: Parts, call: Stages): Promise<SimilarAnswer> {
  const { model, to } = wanted
  const asking = askingFor(wanted, parts, call)
  if ('item' in to) {
    const chosen = model()
    // No score is needed for it: the store is asked first.
    const isKnown = chosen.current.recommender.knows(to.item)
    const found = isKnown && !asking.fits(chosen) ? undefined : await asking.like([to.item])
    if (found !== undefined) return { model: chosen, items: found, source: 'store' }
    return asking.ofModel(isKnown ? await asking.own() : { model: chosen })
  }
  const own = await asking.own()
  const vector = own.answer?.vector
  const found =
    own.answer === undefined
      ? await asking.like(to.events.map(({ item }) => item))
      : vector !== undefined && asking.fits(own.model)
        ? await asking.near(vector)
        : undefined
  return found === undefined ? asking.ofModel(own) : { model: own.model, items: found, source: 'store' }
}

/** For a session of which the model knows nothing: what the vector store finds like its items, for `recommend`. Undefined where it is not to be asked, does not answer, or knows none of them. */
export async function foundElsewhere(
  { model, events, k }: Pick<WantedSimilar, 'model' | 'k'> & { readonly events: readonly StoredEvent[] },
  parts: Parts,
  call: Stages,
): Promise<SimilarAnswer['items'] | undefined> {
  const { recommender } = model().current
  const items = events.map(({ item }) => item)
  if (recommender.items === 0 || items.some((item) => recommender.knows(item))) return undefined
  // Rules, of the request too, choose among more than are asked for.
  const many = Math.max(100, 4 * k) + items.length
  const own = { ...parts, shop: { ...parts.shop, rules: undefined } }
  return askingFor({ model, to: { events: [] }, k: many, filter: undefined }, own, call).like(items)
}

interface Own {
  readonly model: Model
  /** Undefined where the model knows nothing of what is asked of. */
  readonly answer?: SimilarItems | undefined
}

interface Asking {
  fits(model: Model): boolean
  /** Of the store; undefined where it does not answer, or finds nothing. */
  like(items: readonly string[]): Promise<SimilarAnswer['items'] | undefined>
  near(vector: Float32Array): Promise<SimilarAnswer['items'] | undefined>
  own(): Promise<Own>
  /** What the model says, or what stands in for it. */
  ofModel(own: Own): SimilarAnswer | Promise<SimilarAnswer>
}

function askingFor({ model, to, k, filter }: WantedSimilar, parts: Parts, call: Stages): Asking {
  const { vectors, shop, now } = parts
  const { catalogue, popularity, time } = shop
  const { rule, hide } = ofRules(shop)
  const { ofCatalogue, ofStore, isOfStoreAlone } = similarFilters(filter, { shop, vectors, rule })
  const left = new Set([...hide, ...('item' in to ? [to.item] : to.events.map(({ item }) => item))])
  const how: SearchFor = {
    k,
    ...(ofStore && { filter: ofStore }),
    admitted: () =>
      admittedBy(parts, { left, filter: ofCatalogue, recommender: model().current.recommender }),
  }
  const search = async (ask: (own: LiveVectors) => ReturnType<LiveVectors['near']>) => {
    // A filter whose attributes are not known yet cannot be asked for: the store may be open by now.
    if (vectors === undefined || (isOfStoreAlone && ofStore === undefined)) return undefined
    const started = now()
    const found = await ask(vectors)
    call.stage('search', now() - started)
    if (found === undefined || found.length === 0) return undefined
    return found.map(({ id, score }) => ({ item: id, score }))
  }
  const popular = async (): Promise<SimilarAnswer> => {
    const { model: asked, answer } = await askModel(
      {
        model,
        ask: (recommender) =>
          recommender.recommend('item' in to ? [] : eventsFor(to.events, recommender), {
            k: Math.min(k, recommender.items),
            popularity,
            rules: {
              ...(ofCatalogue && { filter: ofCatalogue }),
              hide: [...hide, ...('item' in to ? [to.item] : [])],
            },
            now: time(),
            ...(catalogue && { catalogue }),
          }),
      },
      parts,
      call,
    )
    const items = answer.items.map(({ item, score }) => ({ item, score }))
    return { model: asked, items, source: 'popular' }
  }
  return {
    fits: (asked) => vectors?.fits(fitOf(asked)) === true,
    like: (items) => search((store) => store.like(items, how)),
    near: (vector) => search((store) => store.near(vector, how)),
    own: () =>
      askModel(
        {
          model,
          ask: (recommender) =>
            recommender.similar('item' in to ? to : { events: eventsFor(to.events, recommender) }, {
              ...{ k, hide, now: time() },
              ...(catalogue && { catalogue }),
              ...(ofCatalogue && { filter: ofCatalogue }),
            }),
        },
        parts,
        call,
      ),
    ofModel: ({ model: asked, answer }) => {
      // What nobody can say to pass a filter does not.
      if (isOfStoreAlone) return { model: asked, items: [], source: 'store' }
      return answer === undefined ? popular() : { model: asked, items: answer.items, source: 'model' }
    },
  }
}

const fitOf = ({ name, current: { digest, recommender } }: Model): FitsTo => ({
  name,
  digest,
  dimensions: recommender.dimensions,
})

const eventsFor = (events: readonly StoredEvent[], { itemColumn }: Recommender) =>
  events.map((event) => eventFor(event, itemColumn))

/** What the rules of the server say of all items: what is hidden is hidden everywhere. */
function ofRules({ rules, catalogue, time }: Shop): {
  readonly rule?: VectorFilter | undefined
  readonly hide: readonly string[]
} {
  const { filter, hide } = rules ?? {}
  const effects = readRules({ ...(filter && { filter }), ...(hide && { hide }) }, { catalogue, now: time() })
  return { rule: filter, hide: effects.flatMap(([, { hidden = [] }]) => hidden) }
}

/** Which items of the store there are to be had now, as the model's own would be. */
function admittedBy(
  { shop: { catalogue, time } }: Pick<Parts, 'shop'>,
  {
    left,
    filter,
    recommender,
  }: {
    readonly left: ReadonlySet<string>
    readonly filter: VectorFilter | undefined
    readonly recommender: Recommender
  },
): (item: string) => boolean {
  const shown = (item: string): boolean => !left.has(item) && !recommender.isRemoved(item)
  if (catalogue === undefined) return shown
  const { admits } = catalogue.admitted({ now: time(), filters: filter === undefined ? [] : [filter] })
  return (item) => admits(item) && shown(item)
}
