import { gpt2, type Gpt2Options } from '../../src/blocks/index.ts'
import { causal } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

checkParity('gpt2', (config) => ({
  block: gpt2({
    width: Number(config['n_embd']),
    layers: Number(config['n_layer']),
    heads: Number(config['n_head']),
    dropout: 0,
    activation: config['activation_function'] as NonNullable<Gpt2Options['activation']>,
    epsilon: Number(config['layer_norm_epsilon']),
  }),
  masking: causal(),
  maxLength: Number(config['n_positions']),
}))
