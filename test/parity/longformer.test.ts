import { blockOfKind } from '../../src/blocks/index.ts'
import { masked } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

/** Rows of Hugging Face's table of positions that stand before the first. */
const UNUSED_POSITIONS = 2

checkParity('longformer', (config) => ({
  block: blockOfKind('longformer', {
    width: config['hidden_size'],
    layers: config['num_hidden_layers'],
    heads: config['num_attention_heads'],
    dropout: 0,
    expansion: Number(config['intermediate_size']) / Number(config['hidden_size']),
    activation: config['hidden_act'],
    epsilon: config['layer_norm_eps'],
    window: config['attention_window'],
    global: config['global'],
  }),
  masking: masked(),
  maxLength: Number(config['max_position_embeddings']) - UNUSED_POSITIONS,
}))
