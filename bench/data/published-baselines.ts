import type { sessionLogNames } from './session-logs.ts'

/** A baseline to measure, and what is published of it; of some nothing is. */
export interface PublishedBaseline {
  readonly kind: string
  readonly options?: Readonly<Record<string, unknown>>
  /** recall@20 (HR@20), and mrr@20 or ndcg@20. */
  readonly published?: readonly [hitRate: number, second: number]
}

/** With their defaults. */
const defaults: readonly PublishedBaseline[] = [
  { kind: 'popularity' },
  { kind: 'session-popularity' },
  { kind: 'markov' },
  { kind: 'decayed-markov' },
  { kind: 'item-knn' },
]

/** Diginetica: rn5l/session-rec docs/tables_single/tables_diginetica.html, options of docs/tables_opt/opt_table_single.html. G1: Transformers4Rec (2021), table 2, options of its appendix C. */
export const publishedBaselines: Readonly<
  Record<(typeof sessionLogNames)[number], readonly PublishedBaseline[]>
> = {
  diginetica: [
    { kind: 'popularity' },
    { kind: 'session-popularity' },
    { kind: 'markov', published: [0.3441, 0.1307] },
    { kind: 'decayed-markov', options: { steps: 15, weighting: 'div' }, published: [0.4085, 0.1431] },
    { kind: 'item-knn' },
    {
      kind: 'vsknn',
      options: {
        ...{ neighbours: 500, sampleSize: 5000 },
        ...{ weighting: 'quadratic', scoreWeighting: 'div', idfWeight: 10 },
      },
      published: [0.5203, 0.1841],
    },
    { kind: 'stan', options: { decayDays: false } },
    { kind: 'vstan', options: { decayDays: false } },
  ],
  rsc15: [
    ...defaults,
    { kind: 'recent-popularity' },
    { kind: 'vsknn' },
    { kind: 'stan' },
    { kind: 'vstan' },
    { kind: 'ease' },
  ],
  g1: [
    { kind: 'decayed-markov', options: { halfLifeMs: 14_400_000 } },
    {
      kind: 'vsknn',
      options: {
        ...{ neighbours: 800, sampleSize: 500, weighting: 'quadratic', scoreWeighting: 'quadratic' },
        ...{ remind: false, pushReminders: true },
      },
      published: [0.6601, 0.3511],
    },
    {
      kind: 'stan',
      options: {
        ...{ neighbours: 500, sampleSize: 500, remind: false },
        ...{ positionDecay: 0.672, decayDays: 100, distanceDecay: 0.672 },
      },
      published: [0.6681, 0.357],
    },
    {
      kind: 'vstan',
      options: {
        ...{ neighbours: 1250, sampleSize: 500, remind: false, idfWeight: 0 },
        ...{ positionDecay: 2.69, decayDays: 80, distanceDecay: 1.34, matchDecay: 0.336 },
      },
      published: [0.6668, 0.3586],
    },
  ],
}
