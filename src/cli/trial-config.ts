import { EnsuiteError } from '../errors.ts'
import { nearestWord } from '../options.ts'
import type { Settings } from '../tune/index.ts'
import { checkConfig, type ConfigSections } from './config.ts'

/** Sections whose settings may be searched: the data is the same for all trials. */
const SEARCHED = ['model', 'train']

type Tree = Record<string, unknown>

/**
 * A config with some settings in their places, each named by its path: `train.optimizer.learningRate`, `model.heads.0.options.negatives`. What is not there yet is made.
 * Throws `OPTION_INVALID` for a path that leads nowhere, `OPTION_UNKNOWN` where its section is misspelt, and what `checkConfig` throws.
 */
export function trialConfig(base: ConfigSections, settings: Settings): ConfigSections {
  const config = structuredClone<object>(base) as Tree
  for (const [path, value] of Object.entries(settings)) put(config, path, structuredClone(value))
  checkConfig('tune: space', config)
  return config
}

function put(config: Tree, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop()!
  const slip = SEARCHED.includes(names[0] ?? last) ? undefined : nearestWord(names[0] ?? last, SEARCHED)
  if (slip !== undefined)
    throw new EnsuiteError(
      'OPTION_UNKNOWN',
      `tune: space: '${path.slice(0, 100)}' is no place of a config. Did you mean '${slip}${path.slice((names[0] ?? last).length, 100)}'?`,
    )
  if (names.length === 0 || !SEARCHED.includes(names[0]!) || [...names, last].some((name) => name === ''))
    throw nowhere(path, `it starts with ${SEARCHED.map((name) => `'${name}.'`).join(' or ')}`)
  let place: Tree = config
  for (const name of names) {
    if (!Object.hasOwn(place, name)) set(place, name, {}, path)
    const next = place[name]
    if (typeof next !== 'object' || next === null) throw nowhere(path, `'${name}' holds settings`)
    place = next as Tree
  }
  set(place, last, value, path)
}

function set(place: Tree, name: string, value: unknown, path: string): void {
  if (Array.isArray(place) && !Object.hasOwn(place, name))
    throw nowhere(path, `${name} is one of the ${place.length} places of its list, from 0`)
  // A name such as __proto__ is one like any other.
  Object.defineProperty(place, name, { value, enumerable: true, writable: true, configurable: true })
}

const nowhere = (path: string, rule: string): EnsuiteError =>
  new EnsuiteError(
    'OPTION_INVALID',
    `tune: space: '${path.slice(0, 100)}' is no place of a config, where ${rule}, as in 'train.optimizer.learningRate'.`,
  )
