import { checkChoice } from '../options.ts'
import { binary, type BinaryHeadOptions } from './binary.ts'
import type { Head } from './head.ts'
import { multiClass, type MultiClassHeadOptions } from './multi-class.ts'
import { nextItem } from './next-item.ts'

import { regression, type RegressionHeadOptions } from './regression.ts'

type UncheckedOptions = Readonly<Record<string, unknown>>

/** Every head by its kind: what artifacts go through. A new head has its one line here. */
const kinds: Readonly<Record<string, (options: UncheckedOptions) => Head>> = {
  'next-item': (options) => nextItem(options),
  binary: (options) => binary(options as unknown as BinaryHeadOptions),
  'multi-class': (options) => multiClass(options as unknown as MultiClassHeadOptions),
  regression: (options) => regression(options as unknown as RegressionHeadOptions),
}

export const headKinds: readonly string[] = Object.keys(kinds)

/** The head of a kind. Throws `OPTION_INVALID`, naming the kinds there are, and what its constructor throws. */
export function headOfKind(kind: string, options: UncheckedOptions): Head {
  checkChoice('head', kind, headKinds)
  return kinds[kind]!(options)
}
