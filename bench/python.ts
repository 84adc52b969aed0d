import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

export const run = promisify(execFile)

const HOW_TO = `To compare with the peers, make an environment for them once, or name one with --python:
  python3.11 -m venv .venv-bench
  .venv-bench/bin/pip install torch==2.13.0 'rectools[torch]==0.19.0'`

export interface PythonOptions {
  /** Where it is unless given; default .venv-bench. */
  readonly own?: string
  /** How to make one, for the message. */
  readonly howTo?: string
}

export type Python =
  | { readonly path: string; readonly versions: Readonly<Record<string, string>> }
  | { readonly missing: string }

/** The interpreter to use, with the versions of `packages` in it; or why there is none, and how to get one. */
export async function findPython(
  given: string | undefined,
  packages: readonly string[],
  { own = '.venv-bench/bin/python', howTo = HOW_TO }: PythonOptions = {},
): Promise<Python> {
  const path = given ?? own
  if (given === undefined && !existsSync(own)) return { missing: `There is no ${own}. ${howTo}` }
  const script = `import json; from importlib.metadata import version; print(json.dumps({name: version(name) for name in ${JSON.stringify(packages)}}))`
  try {
    const { stdout } = await run(path, ['-c', script])
    return { path, versions: JSON.parse(stdout) as Readonly<Record<string, string>> }
  } catch (error) {
    const last = (error as Error).message.trim().split('\n').at(-1)!
    return { missing: `${path} does not have ${packages.join(' and ')}: ${last}. ${howTo}` }
  }
}

/** `passive`: idle threads of OpenMP sleep at once. `default`: they spin a little first, which helps on a machine that does nothing else. */
export type Waiting = 'passive' | 'default'

export const waitingEnvironment = (waiting: Waiting): Readonly<Record<string, string>> =>
  waiting === 'passive' ? { OMP_WAIT_POLICY: 'passive', KMP_BLOCKTIME: '0' } : {}
