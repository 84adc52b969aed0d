import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Scorer } from '../../src/baselines/scorer.ts'
import { RESERVED } from '../../src/codes.ts'
import type { Sessions } from '../../src/data/sessions.ts'
import { itemFacts } from '../../src/evaluate/item-facts.ts'
import { evaluateRanking } from '../../src/evaluate/index.ts'
import { rankSessions } from '../../src/evaluate/rank-sessions.ts'
import { sessionsOf } from '../../src/evaluate/sessions-of.test-support.ts'
import {
  beyond,
  binary,
  rankingMetrics,
  regression,
  sessionValues,
  type MetricName,
} from '../../src/metrics/index.ts'
import { meanRank } from '../../src/metrics/mean-rank.ts'

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/parity/metrics/${name}.json`, import.meta.url), 'utf8'))

/** Decimals that agree: 1e-9. */
const NEAR = 9

interface Lists {
  readonly items: number
  readonly ks: readonly number[]
  readonly training: readonly (readonly number[])[]
  readonly histories: readonly (readonly number[])[]
  readonly targets: readonly number[]
  readonly scores: readonly (readonly number[])[]
  readonly vectors: readonly (readonly number[])[]
  readonly categories: readonly number[]
  readonly expected: Readonly<Record<MetricName, readonly number[]>>
  readonly figures: Readonly<Record<MetricName, number>>
  readonly ranx: Readonly<Record<MetricName, number>>
}

describe('RecTools, ranx, scikit-learn and scipy on lists without ties', () => {
  const { items, ks, training, histories, targets, scores, vectors, categories, expected, figures, ranx } =
    fixture('lists') as Lists
  const coded = (sessions: readonly (readonly number[])[]): Sessions =>
    sessionsOf(sessions.map((session) => session.map((column) => column + RESERVED)))
  const train = coded(training)
  const sessions = coded(histories.map((history, at) => [...history, targets[at]!]))
  const scorer: Scorer = {
    name: 'given',
    wholeSessions: true,
    score: ({ sessionIndices }) => Float32Array.from([...sessionIndices].flatMap((index) => scores[index]!)),
  }
  const vectorRows = { values: Float32Array.from(vectors.flat()), width: vectors[0]!.length }

  test('every ranking metric has fixtures of its reference', () => {
    expect(
      rankingMetrics.map((make) => make(ks[0]!).name).filter((name) => expected[name] === undefined),
      'Add it to tools/parity/metrics.py, and make fixtures as tools/parity/README.md says.',
    ).toEqual([])
  })

  test('every metric that they have, as a mean over sessions', async () => {
    const all = await evaluateRanking(scorer, sessions, { items, ks, train, beyond: { categories } })
    const byVectors = await evaluateRanking(scorer, sessions, {
      items,
      ks,
      train,
      beyond: { vectors: vectorRows },
    })
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length
    for (const [name, values] of Object.entries(expected) as [MetricName, readonly number[]][]) {
      const ofVectors = name.startsWith('vector-')
      const found = ofVectors ? byVectors[name.slice(7) as MetricName] : all[name]
      // Vectors are float32 here.
      expect(found, name).toBeCloseTo(mean(values), ofVectors ? 6 : NEAR)
    }
    for (const [name, value] of Object.entries(figures))
      expect(all[name as MetricName], name).toBeCloseTo(value, NEAR)
    for (const [name, value] of Object.entries(ranx))
      expect(all[name as MetricName], name).toBeCloseTo(value, NEAR)
    expect(Object.keys({ ...expected, ...figures })).toHaveLength(ks.length * 11 + (ks.length - 1) * 2)
  })

  test('each session by itself', async () => {
    const listLength = Math.max(...ks)
    const ranked = await rankSessions(scorer, sessions, {
      ...{ items, maxLength: 1, batchSize: 7, filterSeen: true, listLength },
    })
    const values = sessionValues(
      ranked.ranks,
      ks.flatMap((k) => rankingMetrics.map((make) => make(k))),
    )
    for (const [name, own] of Object.entries(values))
      expect(
        [...own].map((value, at) => Math.abs(value - expected[name as MetricName]![at]!) < 1e-9),
      ).not.toContain(false)
    const facts = itemFacts(train, { items, beyond: { categories } })
    // In double precision, so that 1e-9 holds for vectors, too.
    const exact = { ...facts, diversity: beyond.vectorDiversity(vectors.flat(), vectorRows.width) }
    for (const k of ks)
      for (const [prefix, known] of [
        ['', facts],
        ['vector-', exact],
      ] as const)
        for (const metric of beyond.beyondMetrics.flatMap((make) => make(k, known) ?? [])) {
          const wanted = expected[`${prefix}${metric.name}`]
          if (metric.level === 'set' || wanted === undefined) continue
          for (const [at, target] of targets.entries()) {
            const list = ranked.lists!.columns.subarray(at * listLength, at * listLength + k)
            expect(metric.of(list, target), `${metric.name} of ${at}`).toBeCloseTo(wanted[at]!, NEAR)
          }
        }
  })
})

describe('ties', () => {
  const { cases, fractional } = fixture('ties') as {
    readonly cases: readonly {
      readonly scores: readonly number[]
      readonly target: number
      readonly rank: number
      readonly best: number
      readonly worst: number
      readonly permuted: Readonly<Record<MetricName, number>>
    }[]
    readonly fractional: Readonly<Record<MetricName, readonly number[]>>
  }
  const ranks = cases.map(({ scores, target }) => meanRank(Float32Array.from(scores), target))

  test("the rank is scipy's average one, and there are ties", () => {
    expect(ranks).toEqual(cases.map(({ rank }) => rank))
    expect(cases.filter(({ best, worst }) => best < worst).length).toBeGreaterThan(20)
  })

  test('every metric of a fractional rank is what RecTools makes of it, but for MAP, where it rounds ranks', () => {
    for (const k of [1, 2, 4])
      for (const metric of rankingMetrics.map((make) => make(k)).filter(({ kind }) => kind !== 'map'))
        expect(fractional[metric.name]!.map((value, at) => value - metric.of(ranks[at]!))).toEqual(
          ranks.map(() => expect.closeTo(0, NEAR) as number),
        )
  })

  test('where a cutoff splits no tied group, recall is the mean over all orders of the tied', () => {
    let compared = 0
    for (const [at, { best, worst, permuted }] of cases.entries())
      for (let k = 1; k <= 6; k++) {
        if (best <= k && k < worst) continue
        compared++
        const recall = rankingMetrics.map((make) => make(k)).find(({ kind }) => kind === 'recall')!
        expect(recall.of(ranks[at]!)).toBeCloseTo(permuted[recall.name]!, NEAR)
      }
    expect(compared).toBeGreaterThan(200)
  })
})

test('scikit-learn on tied probabilities and on numbers', () => {
  const heads = fixture('heads') as Readonly<
    Record<'binary' | 'regression', Readonly<Record<string, number & readonly number[]>>>
  >
  const { targets, probabilities, auc, logLoss } = heads.binary
  expect(new Set(probabilities as readonly number[]).size).toBeLessThan(20)
  expect(binary.auc(targets!, probabilities!)).toBeCloseTo(auc!, NEAR)
  expect(binary.logLoss(targets!, probabilities!)).toBeCloseTo(logLoss!, NEAR)
  const { targets: numbers, predictions, mae, rmse } = heads.regression
  expect(regression.mae(numbers!, predictions!)).toBeCloseTo(mae!, NEAR)
  expect(regression.rmse(numbers!, predictions!)).toBeCloseTo(rmse!, NEAR)
})
