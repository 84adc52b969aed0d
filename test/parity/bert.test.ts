import { bert, type BertOptions } from '../../src/blocks/index.ts'
import { masked } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

checkParity('bert', (config) => ({
  block: bert({
    width: Number(config['hidden_size']),
    layers: Number(config['num_hidden_layers']),
    heads: Number(config['num_attention_heads']),
    dropout: 0,
    expansion: Number(config['intermediate_size']) / Number(config['hidden_size']),
    activation: config['hidden_act'] as NonNullable<BertOptions['activation']>,
    epsilon: Number(config['layer_norm_eps']),
  }),
  masking: masked(),
  maxLength: Number(config['max_position_embeddings']),
}))
