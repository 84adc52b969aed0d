import { type Facts, type Found, type Guess, shown } from './guess.ts'
import { constantWithin } from './sample.ts'
import { severalValuesOf } from './several-values.ts'

/** Whole numbers of so few different values are labels, unless their name says otherwise. */
const FEW = 50

/** What a column is that is neither session, user, item nor time. */
export function guessFeature(facts: Facts, found: Found): Guess {
  const guess = kindOfFeature(facts)
  if (guess.role !== 'categorical' && guess.role !== 'continuous') return guess
  for (const of of ['item', 'user', 'session'] as const) {
    const owner = found.get(of)
    const places = of === 'session' ? undefined : found.get('session')
    if (owner !== undefined && constantWithin(facts.codes, owner.codes, places?.codes))
      return { ...guess, of, reason: `${guess.reason}; the same for all events of one ${of}` }
  }
  return guess
}

function kindOfFeature({ statistics, hint, present, rowsPerValue }: Facts): Guess {
  const { kind, distinct } = statistics
  const values = `${shown(distinct)} values`
  const named = hint.word === undefined ? '' : `its name says ${hint.word}`
  if (kind === 'other') return { role: 'ignore', reason: `its values are no plain ones (${statistics.type})` }
  if (distinct <= 1) return { role: 'ignore', reason: distinct === 0 ? 'no value at all' : 'one value only' }
  if (kind === 'list') return guessList(statistics.type)
  if (kind === 'time') return { role: 'ignore', reason: 'a second time' }
  if (distinct === 2) return { role: 'categorical', reason: 'two values' }
  if (kind === 'text') {
    if (hint.head === 'text' || hasSentences(statistics.sample))
      return { role: 'text', reason: named || 'sentences' }
    const several = severalValuesOf(statistics.sample)
    const lists = several && `lists of up to ${shown(several.most)} by '${several.separator}'`
    if (rowsPerValue < 1.05 && present > FEW)
      return { role: 'ignore', reason: `a different text in nearly every row${lists ? `; ${lists}` : ''}` }
    const found = lists ? `${values}, ${lists}` : values
    return { role: 'categorical', reason: named === '' ? `texts, ${found}` : `${named}; ${found}` }
  }
  if (hint.head === 'continuous' && !hint.isKey) return { role: 'continuous', reason: named }
  if (hint.isKey || hint.head === 'categorical' || hint.head === 'part') {
    if (kind === 'float' && distinct > FEW) return { role: 'continuous', reason: `fractions, ${values}` }
    return { role: 'categorical', reason: `${named || 'its name says key'}; ${values}` }
  }
  if (kind === 'float') return { role: 'continuous', reason: `fractions, ${values}` }
  return distinct <= FEW
    ? { role: 'categorical', reason: `whole numbers, only ${values}` }
    : { role: 'continuous', reason: `whole numbers, ${values}` }
}

function guessList(type: string): Guess {
  return /^(FLOAT|DOUBLE|DECIMAL)/.test(type)
    ? { role: 'continuous', reason: 'lists of fractions' }
    : { role: 'categorical', reason: 'lists of values' }
}

/** Whether the texts are long and of several words, on average. */
function hasSentences(sample: readonly (string | null)[]): boolean {
  const texts = sample.filter((value) => value !== null)
  const spaces = texts.reduce((sum, text) => sum + text.split(' ').length - 1, 0)
  return texts.length > 0 && spaces / texts.length >= 3
}
