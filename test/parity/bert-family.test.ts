import { blockOfKind } from '../../src/blocks/index.ts'
import { masked } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

for (const kind of ['roberta', 'electra', 'albert', 'distilbert'])
  checkParity(kind, (config) => ({
    block: blockOfKind(kind, {
      width: config['hidden_size'],
      layers: config['num_hidden_layers'],
      heads: config['num_attention_heads'],
      dropout: 0,
      activation: config['hidden_act'],
      ...(config['embedding_size'] !== undefined && { embeddingWidth: config['embedding_size'] }),
    }),
    masking: masked(),
    maxLength: Number(config['max_position_embeddings']),
  }))
