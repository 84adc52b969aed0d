import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { differences } from './agreement.ts'
import { readBack, type Figures } from './data/read-back.ts'
import { run } from './python.ts'

/** The JSON line of a program that does the job of README.md. */
export interface Preparation {
  /** Of each phase. */
  readonly seconds: Readonly<Record<string, number>>
  /** Without the start of the program. */
  readonly total: number
  readonly peakMegabytes: number
}

/** A program that does the job of README.md. */
export interface Preparer {
  readonly name: string
  /** Does it once, from the file to an empty folder. Its figures are read back from the folder, out of time. */
  prepare(clicks: string, out: string): Promise<{ readonly line: Preparation; readonly figures: Figures }>
  /** In what its figures differ from ours. */
  differences(ours: Figures, own: Figures): readonly string[]
}

/** The script beside this module, as it was built. */
export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** This package, with so many megabytes for its engine. */
export const ourPreparer = (memory: number): Preparer => ({
  name: 'ours',
  prepare: async (clicks, out) => {
    const folder = join(out, 'prepared')
    const args = [script('data/our-prepare.js'), clicks, folder, '--memory', String(memory)]
    const line = await lastLine<Preparation>(process.execPath, args)
    return { line, figures: await readBack(folder) }
  },
  differences: (ours, own) => differences(ours, own, { error: 1e-12 }),
})

export const pythonPreparers = {
  pandas: { script: 'bench/peers/pandas_prepare.py', error: 1e-8 },
  numpy: { script: 'bench/peers/numpy_prepare.py', error: 1e-8 },
  // Its logarithms are of 32 bits.
  nvtabular: { script: 'bench/peers/nvtabular_prepare.py', error: 1e-5 },
} as const

export type PythonPreparer = keyof typeof pythonPreparers

/** A peer; it learns from the clicks that are left, as ours does. */
export function pythonPreparer(name: PythonPreparer, python: string): Preparer {
  const { script: path, error } = pythonPreparers[name]
  return {
    name,
    prepare: async (clicks, out) => {
      const line = await lastLine<Preparation & Figures>(python, [path, clicks, out, '--fit', 'kept'])
      return { line, figures: line }
    },
    differences: (ours, own) => differences(ours, own, { error }),
  }
}

async function lastLine<Line extends Preparation>(command: string, args: readonly string[]): Promise<Line> {
  const { stdout } = await run(command, args, { maxBuffer: 1 << 28 })
  const last = stdout.trim().split('\n').at(-1)!
  if (last.startsWith('{')) {
    const line = JSON.parse(last) as Line
    if (typeof line.total === 'number' && typeof line.peakMegabytes === 'number') return line
  }
  throw new Error(
    `${command} ${args.join(' ')} should have ended with a line of figures; it ended with ${last.slice(0, 200)}`,
  )
}
