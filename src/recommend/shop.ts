import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import { readRules, type Candidate, type RuleEffects } from '../rules/index.ts'
import { answerByRules, type Answer, type ShopModel, type ShopRequest } from './answer-by-rules.ts'
import { modelVectors } from './model-vectors.ts'
import { traceOf, type RuleTrace } from './rule-trace.ts'
import { checkShopOptions, type ShopOptions } from './shop-options.ts'
import type { ScoredRow } from './session-row.ts'

export interface ShopAnswer {
  readonly items: readonly Candidate[]
  readonly attribution: string
  readonly trace?: readonly RuleTrace[]
  readonly predictions?: ScoredRow['predictions']
  readonly silent?: boolean
}

/** Choosing costs the square of k where what is alike is kept apart. */
const MOST_CHOSEN = 1000
/** An answer is made again where items come or go meanwhile, so often at most. */
const MOST_TRIES = 20

/** Recommending for a shop, over one model: rules, a catalogue, and what stands in for the model. */
export function createShop(
  model: ShopModel,
): (options: ShopOptions, request: ShopRequest) => Promise<ShopAnswer> {
  return async (options, request) => {
    checkShopOptions(options)
    const { rules, catalogue, now = Date.now(), attribution = crypto.randomUUID(), dryRun = false } = options
    if (model.columns() === 0)
      throw new EnsuiteError(
        'OPTION_INVALID',
        'recommend: rules and catalogues are of items, and the model scores none. Leave them out.',
      )
    if (rules !== undefined) checkNumber('recommend: k with rules', request.k, { max: MOST_CHOSEN })
    const answered = async (): Promise<ShopAnswer> => {
      const { vectorsOf } = model
      const own = vectorsOf && modelVectors({ ...model, vectorsOf })
      const vectors = options.vectors ?? own?.vectors
      const effects = readRules(rules ?? {}, { ...options, ...(vectors && { vectors }), now })
      const isLookedUp =
        options.vectors === undefined && effects.some(([, { spread }]) => spread !== undefined)
      if (isLookedUp && own === undefined)
        throw new EnsuiteError(
          'OPTION_INVALID',
          'recommend: diversity compares vectors of items, and a baseline has none. Give vectors, keep items apart by caps over their attributes, or leave it out.',
        )
      const answer = (some: RuleEffects): Promise<Answer> =>
        answerByRules(model, some, {
          ...options,
          ...request,
          now,
          ...(isLookedUp && { lookUp: own!.lookUp }),
        })
      const { items: found, predictions, silent } = await answer(effects)
      return {
        items: found,
        attribution,
        ...(dryRun && { trace: await traced(effects, answer) }),
        ...(predictions && { predictions }),
        ...(silent === true && { silent }),
      }
    }
    for (let tries = 1; ; tries++) {
      const layout = catalogue?.layout
      const found = await answered()
      // Items have got other places meanwhile: what was told by place may be of others.
      if (catalogue?.layout === layout) return found
      if (tries === MOST_TRIES)
        throw new EnsuiteError(
          'RUNTIME_FAILED',
          `recommend: items came to the catalogue, or went, ${MOST_TRIES} times while one session was scored. Send changes together.`,
        )
    }
  }
}

/** The answers by the first rule, by the first two and so on, each beside the one before. */
async function traced(
  effects: RuleEffects,
  answer: (effects: RuleEffects) => Promise<Answer>,
): Promise<readonly RuleTrace[]> {
  const answers = await Promise.all([[], ...effects].map((_, count) => answer(effects.slice(0, count))))
  return effects.map(([rule], at) => {
    const { items, allowed } = answers[at + 1]!
    const itemsOf = (each: readonly Candidate[]): readonly string[] => each.map(({ item }) => item)
    return traceOf(rule, itemsOf(answers[at]!.items), {
      items: itemsOf(items),
      ...(allowed !== undefined && { allowed }),
    })
  })
}
