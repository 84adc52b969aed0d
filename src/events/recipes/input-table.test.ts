import { expect, test } from 'vitest'
import { withWholeQuotes } from './input-table.ts'

test.each([
  ['a\tb', 'a\tb'],
  ['"a"\tb', '"a"\tb'],
  ['"a ""b"""\tc', '"a ""b"""\tc'],
  ['2" disc\tb', '"2"" disc"\tb'],
  ['"Plus" and "Minus"\tb', '"""Plus"" and ""Minus"""\tb'],
  ['"\ta', '""""\ta'],
  ['a"\r\n"b', '"a"""\n"""b"'],
])('%j with whole quotes is %j', (text, whole) => {
  expect(withWholeQuotes(text, '\t')).toBe(whole)
})
