import { blockOfKind } from '../../src/blocks/index.ts'
import { causal } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

for (const kind of ['hstu', 'ligr', 'llama', 'lrurec', 'mamba2', 'sasrec', 'tisasrec'])
  checkParity(kind, (config) => ({
    block: blockOfKind(kind, { ...config, dropout: 0 }),
    masking: causal(),
    maxLength: 12,
  }))
