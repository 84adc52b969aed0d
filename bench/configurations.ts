/** What is trained in a configuration, on both sides. */
export interface Configuration {
  /** Real items; padding and unknown come on top. */
  readonly items: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly dropout: number
  /** Sessions a batch. */
  readonly batch: number
  /** Events a session; each has a label. */
  readonly time: number
}

const common = { layers: 2, heads: 2, dropout: 0.2 }

export const configurations: readonly Configuration[] = [
  { items: 3417, width: 64, batch: 128, time: 50, ...common },
  { items: 3417, width: 128, batch: 32, time: 200, ...common },
  { items: 50_000, width: 128, batch: 64, time: 20, ...common },
]

export const nameOf = ({ items, width, batch, time }: Configuration): string =>
  `${items.toLocaleString('en')} items · width ${width} · ${batch} × ${time}`

/** Both sides start from their own random values and go through batches of their own, made beforehand and used in turn. */
export const BATCHES = 8
/** Steps before the first one that counts: memory is laid out, and PyTorch compiles. */
export const WARM_UP = 3
export const SEED = 1
