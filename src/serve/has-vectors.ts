import type { Recommender } from '../recommend/index.ts'

/** Whether what scores items has vectors of them: a model has, and a baseline has not. */
export const hasVectors = ({ items, dimensions }: Pick<Recommender, 'items' | 'dimensions'>): boolean =>
  items === 0 || dimensions > 0
