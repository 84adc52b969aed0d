import { baselineKinds, baselineOfKind, type Baseline } from '../baselines/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'

/** What `--baselines` asks for. */
export interface ChosenBaselines {
  readonly baselines: readonly Baseline[]
  /** Of all, one that cannot be fitted is left out; one that was named is an error. */
  readonly isEach: boolean
}

/** The floors are measured anyway. */
const FLOORS = ['markov', 'popularity']

/** `all`, names between commas, or a JSON list of names and `{ "kind", "options" }`. Throws `OPTION_INVALID` and `OPTION_UNKNOWN`. */
export function chosenBaselines(text: string): ChosenBaselines {
  if (text.trim() === 'all') {
    const kinds = baselineKinds.filter((kind) => !FLOORS.includes(kind))
    return { baselines: kinds.map((kind) => baselineOfKind(kind)), isEach: false }
  }
  const asked = text.trimStart().startsWith('[')
    ? (parsed('--baselines', text, EXAMPLE) as readonly unknown[])
    : text.split(',').flatMap((name) => name.trim() || [])
  if (asked.length === 0) throw new EnsuiteError('OPTION_INVALID', `--baselines names none. ${EXAMPLE}`)
  return { baselines: asked.map((each) => made(each, '--baselines')), isEach: true }
}

/** What `--baseline` asks for: a kind, or JSON `{ "kind", "options" }`. Throws `OPTION_INVALID` and `OPTION_UNKNOWN`. */
export function chosenBaseline(text: string): Baseline {
  if (!text.trimStart().startsWith('{')) return baselineOfKind(text.trim())
  return made(parsed('--baseline', text, ONE_EXAMPLE), '--baseline')
}

const ONE_EXAMPLE = `Give one of ${baselineKinds.join(', ')}, or JSON such as '{"kind": "vsknn", "options": {"neighbours": 500}}'.`
const EXAMPLE = `Give all, or some of ${baselineKinds.join(', ')}, or a list such as '[{"kind": "vsknn", "options": {"neighbours": 500}}]'.`

function parsed(flag: string, text: string, example: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new EnsuiteError('OPTION_INVALID', `${flag} is no JSON: ${(cause as Error).message}. ${example}`, {
      cause,
    })
  }
}

function made(asked: unknown, flag: string): Baseline {
  if (typeof asked === 'string') return baselineOfKind(asked)
  checkOptions(flag, asked as object, ['kind', 'options'])
  const { kind, options = {} } = asked as {
    readonly kind: string
    readonly options?: Record<string, unknown>
  }
  return baselineOfKind(kind, options)
}
