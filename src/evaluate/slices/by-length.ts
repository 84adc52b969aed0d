import { sessionLength } from '../../data/sessions.ts'
import type { SliceContext, Slicing } from './slicing.ts'

/** The most events of each group but the last, and its name. */
const GROUPS = [
  [1, '1'],
  [2, '2'],
  [5, '3-5'],
  [10, '6-10'],
  [20, '11-20'],
  [50, '21-50'],
] as const
const REST = '51+'

/** By how many known events come before the target. */
export const byLength = ({ sessions }: SliceContext): Slicing => ({
  of: (session) => {
    const events = sessionLength(sessions, session) - 1
    return GROUPS.find(([most]) => events <= most)?.[1] ?? REST
  },
  order: [...GROUPS.map(([, name]) => name), REST],
})
