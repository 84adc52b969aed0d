import { EnsuiteError } from '../errors.ts'
import { mean } from '../metrics/mean.ts'
import type { WindowRecord } from './checkpoint.ts'

/** The mean of each metric over the windows that have it, each window alike. */
export function averageOverTime(windows: readonly WindowRecord[]): Readonly<Record<string, number>> {
  const names = [...new Set(windows.flatMap(({ metrics = {} }) => Object.keys(metrics)))]
  return Object.fromEntries(
    names.map((name) => {
      const values = windows.flatMap(({ metrics = {} }) => metrics[name] ?? [])
      return [name, mean(values)]
    }),
  )
}

/** Undefined where there is no session to train or to test on: a window may be a night in which nobody came. */
export async function orNothing<Result>(make: () => Result | Promise<Result>): Promise<Result | undefined> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof EnsuiteError && error.code === 'SESSIONS_TOO_FEW') return undefined
    throw error
  }
}
