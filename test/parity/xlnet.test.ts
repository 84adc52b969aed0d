import { xlnet, type XlnetOptions } from '../../src/blocks/index.ts'
import { causal, masked } from '../../src/masking/index.ts'
import { checkParity } from './check-parity.ts'

checkParity('xlnet', (config) => {
  const isCausal = config['attn_type'] === 'uni'
  return {
    block: xlnet({
      width: Number(config['d_model']),
      layers: Number(config['n_layer']),
      heads: Number(config['n_head']),
      dropout: 0,
      expansion: Number(config['d_inner']) / Number(config['d_model']),
      activation: config['ff_activation'] as NonNullable<XlnetOptions['activation']>,
      epsilon: Number(config['layer_norm_eps']),
    }),
    masking: isCausal ? causal() : masked(),
    maxLength: 12,
  }
})
