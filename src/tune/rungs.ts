import { checkChoice, checkNumber, checkOptions, refuseUseless } from '../options.ts'

/** How trials are given their budget. */
export interface Search {
  /**
   * `random` (Bergstra and Bengio, JMLR 2012): every trial has the whole budget. `halving` (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
   * AISTATS 2016): all have the least budget first, and the best of them one that is `reduction` times as large, until few have all of it. Each starts anew: a schedule is of its own budget.
   */
  readonly kind: 'random' | 'halving'
  /** Of `halving`: the best 1 in so many go on; default 3. */
  readonly reduction?: number
  /** Of `halving`: the first budget; default 1. */
  readonly least?: number
}

/** So many trials with a budget. */
export interface Rung {
  readonly trials: number
  readonly budget: number
}

/** The rungs of a search, the last with the whole budget. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function rungsOf(
  search: Search,
  { trials, budget }: { readonly trials: number; readonly budget: number },
): readonly Rung[] {
  checkOptions('tune: search', search, ['kind', 'reduction', 'least'])
  checkChoice('tune: search.kind', search.kind, ['random', 'halving'])
  if (search.kind === 'random') {
    refuseUseless('tune: search', search, ['reduction', 'least'], "kind 'random'")
    return [{ trials, budget }]
  }
  const { reduction = 3, least = 1 } = search
  checkNumber('tune: search.reduction', reduction, { integer: true, min: 2 })
  checkNumber('tune: search.least', least, { integer: true, min: 1, max: budget })
  const rungs: Rung[] = []
  for (let at = 0; ; at++) {
    const left = Math.max(1, Math.floor(trials / reduction ** at))
    const own = least * reduction ** at
    // What a single one would have less of tells nothing.
    if (own * reduction > budget || (left === 1 && at > 0)) return [...rungs, { trials: left, budget }]
    rungs.push({ trials: left, budget: own })
  }
}
