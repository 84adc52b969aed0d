import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'

/** A feature of the sessions: codes, or numbers. */
export interface FeatureColumn {
  readonly name: string
  readonly isCode: boolean
  readonly of: (sessions: Sessions) => ArrayLike<number>
}

/** All features but the item, those that each of `parts` has. */
export function featureColumns(parts: readonly Sessions[]): readonly FeatureColumn[] {
  const all = (kind: 'categorical' | 'continuous'): readonly string[] =>
    Object.keys(parts[0]![kind]).filter((name) => parts.every((part) => Object.hasOwn(part[kind], name)))
  return [
    ...all('categorical').map((name) => ({
      name,
      isCode: true,
      of: (sessions: Sessions) => sessions.categorical[name]!,
    })),
    ...all('continuous').map((name) => ({
      name,
      isCode: false,
      of: (sessions: Sessions) => sessions.continuous[name]!,
    })),
  ]
}

/** Whether a value says something: a code that is known, or a number that is there. */
export const says = ({ isCode }: FeatureColumn, value: number): boolean =>
  isCode ? value >= RESERVED : !Number.isNaN(value)
