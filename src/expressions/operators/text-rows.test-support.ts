import * as e from '../build.ts'
import { of, other, text, x, type OperatorRow } from './check-operators.test-support.ts'

const white = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit)).filter(
  (each) => each.trim() === '',
)
const notWhite = ['\u200b', '\u180e', '\u0085', '\u001f']

/*
 * The first 8 bytes of MD5, little-endian. Of RFC 1321's examples: 'a' 0cc175b9c0f1b6a8, 'abc' 900150983cd24fb0,
 * 'message digest' f96b697d7cb7938d; by Python's hashlib: '日本' 4dbed2e657457884, U+1F600 2a02eac39d716a70,
 * 'a' and 'b' as one c894fee12e47553b, 'b' and 'a' 863644b9bac6143a, 'a' twice a7e626d0053e62a0.
 */
export const textRows: readonly OperatorRow[] = [
  {
    operator: 'toText',
    name: 'whole numbers up to 2⁵³ − 1, fractions are missing',
    expression: e.toText(x),
    events: of({ x: [7, '7.0', '-0', -12, 1.5, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 1e300, 1e-300, null] }),
    expected: ['7', '7', '0', '-12', null, '9007199254740991', '-9007199254740991', null, null, null, null],
  },
  {
    operator: 'toNumber',
    name: 'texts that spell a number',
    expression: e.toNumber(text),
    events: of({
      text: ['5', '+5', '-5.', '.5', '1e5', '1E-2', '007', '-0', '1e-400', '9007199254740993', 7, ''],
    }),
    expected: [5, 5, -5, 0.5, 100_000, 0.01, 7, 0, 0, 2 ** 53, 7, null],
  },
  {
    operator: 'toNumber',
    name: 'texts that spell none',
    expression: e.toNumber(text),
    events: of({
      text: [
        'a',
        ' 5',
        '5 ',
        '5\n',
        '1_000',
        '1,5',
        '0x10',
        '+-5',
        '1e',
        'e5',
        '.',
        '1e999',
        'NaN',
        'inf',
        'Infinity',
        '\u0663',
        '\uff15',
        '5\0',
        null,
      ],
    }),
    expected: Array.from({ length: 19 }, () => null),
  },
  {
    operator: 'part',
    name: 'the first one; trimmed, missing where it is empty',
    expression: e.part(text, { separator: '|', index: 0 }),
    events: of({ text: ['a|b', 'a', ' a b |c', '|b', ' |b', '||', '|', ' ', '', null, 7, 1.5] }),
    expected: ['a', 'a', 'a b', null, null, null, null, null, null, null, '7', '1.5'],
  },
  {
    operator: 'part',
    name: 'one in the middle; missing where the text ends before it',
    expression: e.part(text, { separator: '|', index: 1 }),
    events: of({ text: ['a|b|c', 'a|b', 'a|', 'a||c', 'a', 'a| \t', '', null] }),
    expected: ['b', 'b', null, null, null, null, null, null],
  },
  {
    operator: 'part',
    name: 'the last one but one, from the end',
    expression: e.part(text, { separator: '|', index: -2 }),
    events: of({ text: ['a|b|c', 'a|b', 'a', 'a|', '|a', '||', null] }),
    expected: ['b', 'a', null, 'a', null, null, null],
  },
  {
    operator: 'part',
    name: 'as far as there can be',
    expression: e.part(text, { separator: '|', index: 1_000_000 }),
    events: of({ text: ['a|b', `${'|'.repeat(1_000_000)}b`] }),
    expected: [null, 'b'],
  },
  {
    operator: 'part',
    name: 'as far from the end as there can be',
    expression: e.part(text, { separator: '|', index: -1_000_000 }),
    events: of({ text: ['a|b', `b${'|'.repeat(999_999)}`] }),
    expected: [null, 'b'],
  },
  {
    operator: 'part',
    name: 'by several characters, found from the left',
    expression: e.part(text, { separator: 'aa', index: 1 }),
    events: of({ text: ['aaa', 'xaaay', 'aaaab', 'a', 'AAb', 'aab'] }),
    expected: ['a', 'ay', null, null, null, 'b'],
  },
  {
    operator: 'part',
    name: 'by what another language would take for a pattern',
    expression: e.part(text, { separator: '.*', index: 1 }),
    events: of({ text: ['a.*b', 'abc', 'a.b*c', 'a.*.*b', 'a\\.*b'] }),
    expected: ['b', null, null, null, 'b'],
  },
  {
    operator: 'part',
    name: 'by a quote',
    expression: e.part(text, { separator: "'", index: 1 }),
    events: of({ text: ["it's", "''"] }),
    expected: ['s', null],
  },
  {
    operator: 'part',
    name: 'by a space, more than one in a row',
    expression: e.part(text, { separator: ' ', index: 1 }),
    events: of({ text: ['a b', 'a  b', ' a', 'a\u00a0b'] }),
    expected: ['b', null, 'a', null],
  },
  {
    operator: 'part',
    name: 'by a character of four bytes',
    expression: e.part(text, { separator: '\u{1f600}', index: 1 }),
    // U+1F601 has the same first half.
    events: of({ text: ['a\u{1f600}\u65e5', '\u{1f601}\u{1f600}\u{1f601}', 'a\u{1f601}b'] }),
    expected: ['\u65e5', '\u{1f601}', null],
  },
  {
    operator: 'part',
    name: 'by a letter whose accent is a character of its own, and by one between two characters that are shown as one',
    expression: e.part(e.part(text, { separator: 'e', index: 1 }), { separator: '\u200d', index: -1 }),
    events: of({ text: ['be\u0301c', 'b\u00e9c', 'e\u{1f468}\u200d\u{1f469}'] }),
    expected: ['\u0301c', null, '\u{1f469}'],
  },
  {
    operator: 'part',
    name: 'trimmed of all white space of JavaScript, and of nothing else',
    expression: e.part(text, { separator: '|', index: 1 }),
    events: of({ text: [...white, ...notWhite].map((each) => `|${each}a${each}|`) }),
    expected: [...white.map(() => 'a'), ...notWhite.map((each) => `${each}a${each}`)],
  },
  {
    operator: 'hashBucket',
    name: 'by the first byte of the MD5, 1 where it is missing',
    expression: e.hashBucket(text, 256),
    events: of({ text: ['a', 'abc', 'message digest', '\u65e5\u672c', '\u{1f600}', '', null] }),
    expected: [0x0c + 2, 0x90 + 2, 0xf9 + 2, 0x4d + 2, 0x2a + 2, 1, 1],
  },
  {
    operator: 'hashBucket',
    name: 'into as many buckets as there can be',
    expression: e.hashBucket(text, 2 ** 30),
    events: of({ text: ['a', 'abc', null] }),
    // 0xb975c10c and 0x98500190, the upper two bits left out.
    expected: [0x3975c10c + 2, 0x18500190 + 2, 1],
  },
  {
    operator: 'hashBucket',
    name: 'into one bucket',
    expression: e.hashBucket(text, 1),
    events: of({ text: ['a', 'b', null] }),
    expected: [2, 2, 1],
  },
  {
    operator: 'hashBucket',
    name: 'of 64 bits without a sign, by a number that is no power of two',
    expression: e.hashBucket(text, 1000),
    // 'd' is 8277e0910d750195: the highest bit is set.
    events: of({ text: ['a', 'd', "it's"] }),
    expected: [580 + 2, 738 + 2, 832 + 2],
  },
  {
    operator: 'hashBucket',
    name: 'of two texts: their order counts, and equal ones do not cancel out',
    expression: e.hashBucket([text, other], 256),
    events: of({ text: ['a', 'b', 'a', null, 'a', null], other: ['b', 'a', 'a', 'a', null, null] }),
    expected: [0xc8 + 2, 0x86 + 2, 0xa7 + 2, 1, 1, 1],
  },
  {
    operator: 'hashBucket',
    name: 'of two texts with the separator inside',
    expression: e.hashBucket([text, other], 1000),
    events: of({ text: ['a\u001f', 'a'], other: ['b', '\u001fb'] }),
    expected: [507 + 2, 871 + 2],
  },
]
