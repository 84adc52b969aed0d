import { blockOfKind } from '../../src/blocks/index.ts'
import { maskingOfKind } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

for (const kind of ['lstm', 'gru'])
  checkParity(kind, ({ width, layers, bidirectional }) => ({
    block: blockOfKind(kind, { width, layers, bidirectional }),
    masking: maskingOfKind(String(bidirectional) === 'true' ? 'masked' : 'causal'),
    maxLength: 12,
  }))
