import { blockOfKind } from '../../src/blocks/index.ts'
import { causal } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

checkParity('transfoxl', (config) => ({
  block: blockOfKind('transfoxl', {
    width: config['d_model'],
    layers: config['n_layer'],
    heads: config['n_head'],
    dropout: 0,
    expansion: Number(config['d_inner']) / Number(config['d_model']),
    preNorm: config['pre_lnorm'],
    tieBiases: config['untie_r'] === false,
    epsilon: config['layer_norm_epsilon'],
  }),
  masking: causal(),
  maxLength: 12,
}))
