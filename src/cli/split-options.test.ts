import { Command } from 'commander'
import { expect, test } from 'vitest'
import { splitKinds } from '../data/index.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from './split-options.ts'

const flagsOf = (...words: string[]): SplitFlags =>
  splitOptions(new Command(), 'none unless given').parse(words, { from: 'user' }).opts<SplitFlags>()

test('every kind can be chosen, with all of its options', () => {
  const instants = ['--validation-from', '2020-01-01', '--test-from', '2020-01-02T12:00:00Z']
  const words: Readonly<Record<string, readonly string[]>> = { cut: instants }
  for (const { kind, options } of splitKinds) {
    const split = chosenSplit(flagsOf('--split', kind, ...(words[kind] ?? [])), 7)!
    expect(Object.keys(split)).toEqual(['kind', ...options])
    expect(splitHelp).toContain(kind)
  }
  expect(chosenSplit(flagsOf('--split', 'random', '--test', '0.2'), 7)).toEqual({
    kind: 'random',
    validation: 0.1,
    test: 0.2,
    seed: 7,
  })
  expect(chosenSplit(flagsOf('--split', 'cut', ...instants), 7)).toEqual({
    kind: 'cut',
    validationFrom: Date.UTC(2020, 0, 1),
    testFrom: Date.UTC(2020, 0, 2, 12),
  })
  expect(chosenSplit(flagsOf(), 7)).toBeUndefined()
})
