import { RESERVED } from '../../codes.ts'
import { checkOptions } from '../../options.ts'
import { expectInputs, expectKeys, expectOption, isText } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import {
  areCodes,
  checkVocabulary,
  vocabulary,
  vocabularyCode,
  type VocabularyOptions,
} from './vocabulary-codes.ts'

type CategorifyOptions = VocabularyOptions & {
  /** The values in the order of their codes, given and not learnt. */
  readonly values?: readonly string[]
}

/**
 * A code for a text, or for several together (NVTabular's Categorify): 0 is padding's and never made, 1 a missing value, and an unknown one unless there are buckets;
 * then the buckets, then the known values by falling count, equal counts by value.
 * Differs: missing and unknown share a code where there are no buckets, as everywhere here; equal counts have an order.
 */
export const categorify: Operator = operator<CategorifyOptions>({
  name: 'categorify',
  varies: () => true,
  whole: true,
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('categorify', options, ['minCount', 'maxSize', 'buckets', 'values'])
    const { minCount = 1, maxSize, values } = options
    expectKeys('categorify', inputs)
    checkVocabulary('categorify', options)
    if (values !== undefined) {
      const good =
        inputs.length === 1 &&
        Array.isArray(values) &&
        values.every((value: unknown) => isText(value) && value !== '') &&
        new Set(values).size === values.length
      expectOption('categorify', good, 'values are distinct texts for a single input', values)
      expectOption(
        'categorify',
        minCount === 1 && maxSize === undefined,
        'given values leave nothing to minCount and maxSize',
        options,
      )
    }
    return 'number'
  },
  fit: {
    keys: (inputs) => inputs,
    columns: () => ({ count: 'count(*)' }),
    totals: () => ({}),
    state: vocabulary,
    check: (state, { values = state.keys.map(([text]) => text!), ...options }) =>
      areCodes(state, options) &&
      state.keys.length === values.length &&
      values.every((value, index) => state.keys[index]![0] === value),
    given: ({ values, buckets = 0 }) =>
      values === undefined
        ? undefined
        : {
            keys: values.map((value) => [value]),
            columns: { code: values.map((_, at) => at + RESERVED + buckets), count: values.map(() => 0) },
            totals: {},
          },
  },
  ...vocabularyCode,
})

/**
 * A code for a text by the vocabulary of several columns together (NVTabular's Categorify with encode_type 'joint'): inputs are the text, then all columns.
 * A value is counted once for each column of each event that has it; all else is as `categorify` says.
 * Differs: what equal columns learn is kept once a column.
 */
export const jointCategorify: Operator = operator<VocabularyOptions>({
  name: 'jointCategorify',
  varies: () => true,
  whole: true,
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('jointCategorify', options, ['minCount', 'maxSize', 'buckets'])
    expectKeys('jointCategorify', inputs)
    expectInputs('jointCategorify', inputs, ['text', 'text', ...inputs.slice(2)])
    checkVocabulary('jointCategorify', options)
    return 'number'
  },
  fit: {
    keys: (inputs) => inputs.slice(0, 1),
    pooled: (inputs) => inputs.slice(1).map((each) => [each]),
    columns: () => ({ count: 'count(*)' }),
    totals: () => ({}),
    state: vocabulary,
    check: areCodes,
  },
  codes: vocabularyCode.codes,
  sql: (inputs, context) => vocabularyCode.sql(inputs.slice(0, 1), context),
  evaluate: (inputs, context) => vocabularyCode.evaluate(inputs.slice(0, 1), context),
})
