import type { BlockKind, UncheckedOptions } from '../blocks/index.ts'
import type { Activation, Settings } from './settings.ts'

/** What is to be known of a `model_type` of Hugging Face to make a block of its checkpoints. */
export interface Architecture {
  readonly kind: BlockKind
  /** What models with a head put before the names of the model without one. */
  readonly prefix: string
  /** The options of the block, but for its dropout. */
  readonly options: (settings: Settings) => UncheckedOptions
  /** The settings of dropout, which a block has one of, and their default. */
  readonly dropout: { readonly settings: readonly string[]; readonly otherwise: number }
  /** Settings that change what is computed, with the values that the block computes; left out, each has one of them. Those that do not change the hidden states are in no list. */
  readonly same: Readonly<Record<string, readonly unknown[]>>
  /** The table of positions, the setting that says how many rows it has, and how many of them are before the first place. */
  readonly positions?: {
    readonly name: string
    readonly setting: string
    readonly otherwise: number
    readonly firstPlace: number
  }
  /** A table of which only the first row is read: it may have any number of them. */
  readonly firstRowOf?: string
  /** Tensors that a block has no use for, without the prefix. */
  readonly ignored: readonly RegExp[]
}

/** For every type: none is a decoder beside an encoder, quantised, or computed by code of the checkpoint's own. */
export const sameForAll: Architecture['same'] = {
  is_decoder: [false],
  is_encoder_decoder: [false],
  add_cross_attention: [false],
  pruned_heads: [{}],
  quantization_config: [],
  auto_map: [],
}

/** Heads that Hugging Face puts on any model. */
const HEADS = /^(?:classifier|score|qa_outputs|multiple_choice_head|sequence_summary|lm_head)\./

/** The options of BERT's relatives, whose sizes have defaults of their own. */
function encoderOptions(
  settings: Settings,
  { width: otherwise = 768, heads = 12, inner = 3072, activation = 'gelu' }: EncoderDefaults = {},
) {
  const width = settings.whole('hidden_size', otherwise)
  return {
    width,
    layers: settings.whole('num_hidden_layers', 12),
    heads: settings.whole('num_attention_heads', heads),
    expansion: settings.expansion('intermediate_size', { width, otherwise: inner }),
    activation: settings.activation('hidden_act', activation),
    epsilon: settings.number('layer_norm_eps', 1e-12),
  }
}

interface EncoderDefaults {
  readonly width?: number
  readonly heads?: number
  readonly inner?: number
  readonly activation?: Activation
}

/** What BERT and its relatives have. */
const encoder = {
  options: (settings) => encoderOptions(settings),
  dropout: { settings: ['hidden_dropout_prob', 'attention_probs_dropout_prob'], otherwise: 0.1 },
  same: { position_embedding_type: ['absolute'] },
  positions: {
    name: 'embeddings.position_embeddings.weight',
    setting: 'max_position_embeddings',
    otherwise: 512,
    firstPlace: 0,
  },
  firstRowOf: 'embeddings.token_type_embeddings.weight',
  ignored: [HEADS, /^embeddings\.(?:word_embeddings\.weight|position_ids|token_type_ids)$/, /^pooler\./],
} satisfies Omit<Architecture, 'kind' | 'prefix'>

/** Embeddings that may be narrower than states. */
const narrow = (settings: Settings, options: { readonly width: number }): UncheckedOptions => {
  const embeddingWidth = settings.whole('embedding_size', 128)
  return { ...options, ...(embeddingWidth !== options.width && { embeddingWidth }) }
}

/** Every supported `model_type`. Another one has its one record here. */
export const architectures: Readonly<Record<string, Architecture>> = {
  gpt2: {
    kind: 'gpt2',
    prefix: 'transformer',
    options: (settings) => {
      const width = settings.whole('n_embd', 768)
      settings.expansion('n_inner', { width, otherwise: 4 * width, only: 4 })
      return {
        width,
        layers: settings.whole('n_layer', 12),
        heads: settings.whole('n_head', 12),
        activation: settings.activation('activation_function', 'gelu_new'),
        epsilon: settings.number('layer_norm_epsilon', 1e-5),
      }
    },
    dropout: { settings: ['embd_pdrop', 'attn_pdrop', 'resid_pdrop'], otherwise: 0.1 },
    same: { scale_attn_weights: [true], scale_attn_by_inverse_layer_idx: [false] },
    positions: { name: 'wpe.weight', setting: 'n_positions', otherwise: 1024, firstPlace: 0 },
    ignored: [HEADS, /^wte\.weight$/, /^h\.\d+\.attn\.(?:bias|masked_bias)$/],
  },
  bert: { ...encoder, kind: 'bert', prefix: 'bert', ignored: [...encoder.ignored, /^cls\./] },
  roberta: {
    ...encoder,
    kind: 'roberta',
    prefix: 'roberta',
    // Positions count from behind the code of padding.
    same: { ...encoder.same, pad_token_id: [1] },
    positions: { ...encoder.positions, firstPlace: 2 },
  },
  electra: {
    ...encoder,
    kind: 'electra',
    prefix: 'electra',
    options: (settings) => narrow(settings, encoderOptions(settings, { width: 256, heads: 4, inner: 1024 })),
    ignored: [...encoder.ignored, /^(?:discriminator|generator)_predictions\./, /^generator_lm_head\./],
  },
  albert: {
    ...encoder,
    kind: 'albert',
    prefix: 'albert',
    options: (settings) =>
      narrow(
        settings,
        encoderOptions(settings, { width: 4096, heads: 64, inner: 16_384, activation: 'gelu_new' }),
      ),
    dropout: { ...encoder.dropout, otherwise: 0 },
    same: { ...encoder.same, num_hidden_groups: [1], inner_group_num: [1] },
    ignored: [...encoder.ignored, /^predictions\./, /^sop_classifier\./],
  },
  distilbert: {
    kind: 'distilbert',
    prefix: 'distilbert',
    options: (settings) => {
      const width = settings.whole('dim', 768)
      return {
        width,
        layers: settings.whole('n_layers', 6),
        heads: settings.whole('n_heads', 12),
        expansion: settings.expansion('hidden_dim', { width, otherwise: 3072 }),
        activation: settings.activation('activation', 'gelu'),
      }
    },
    dropout: { settings: ['dropout', 'attention_dropout'], otherwise: 0.1 },
    // Sinusoids would be trained here, and are not there.
    same: { sinusoidal_pos_embds: [false] },
    positions: encoder.positions,
    ignored: [...encoder.ignored, /^vocab_(?:transform|layer_norm|projector)\./, /^pre_classifier\./],
  },
  xlnet: {
    kind: 'xlnet',
    prefix: 'transformer',
    options: (settings) => {
      const width = settings.whole('d_model', 1024)
      const heads = settings.whole('n_head', 16)
      settings.only('d_head', [width / heads], width / heads)
      return {
        width,
        layers: settings.whole('n_layer', 24),
        heads,
        expansion: settings.expansion('d_inner', { width, otherwise: 4096 }),
        activation: settings.activation('ff_activation', 'gelu'),
        epsilon: settings.number('layer_norm_eps', 1e-12),
      }
    },
    dropout: { settings: ['dropout'], otherwise: 0.1 },
    // Which way is looked is the masking's to say; the memory of earlier segments is empty at a session's start.
    same: {
      attn_type: ['bi'],
      bi_data: [false],
      clamp_len: [-1, 0],
      same_length: [false],
      untie_r: [true],
    },
    ignored: [
      HEADS,
      /^word_embedding\.weight$/,
      /^mask_emb$/,
      /^layer\.\d+\.rel_attn\.(?:seg_embed|r_s_bias)$/,
      /^(?:lm_loss|logits_proj|start_logits|end_logits|answer_class)\./,
    ],
  },
  'transfo-xl': {
    kind: 'transfoxl',
    prefix: 'transformer',
    options: (settings) => {
      const width = settings.whole('d_model', 1024)
      const heads = settings.whole('n_head', 16)
      settings.only('d_head', [width / heads], 64)
      // A session is read whole: there is no memory, which Hugging Face fills with zeros that events look at.
      settings.only('mem_len', [0], 1600)
      settings.only('clamp_len', [-1, 0], 1000)
      settings.only('same_length', [false], true)
      return {
        width,
        layers: settings.whole('n_layer', 18),
        heads,
        expansion: settings.expansion('d_inner', { width, otherwise: 4096 }),
        attentionDropout: settings.number('dropatt', 0),
        preNorm: settings.truth('pre_lnorm', false),
        tieBiases: !settings.truth('untie_r', true),
        epsilon: settings.number('layer_norm_epsilon', 1e-5),
      }
    },
    dropout: { settings: ['dropout'], otherwise: 0.1 },
    same: { attn_type: [0] },
    ignored: [HEADS, /^word_emb\./, /^crit\./, /^pos_emb\.inv_freq$/],
  },
  longformer: {
    ...encoder,
    kind: 'longformer',
    prefix: 'longformer',
    options: (settings) => {
      const options = encoderOptions(settings)
      return { ...options, window: settings.alike('attention_window', 512, options.layers) }
    },
    // Positions count from behind the code of padding.
    same: { ...encoder.same, pad_token_id: [1] },
    positions: { ...encoder.positions, firstPlace: 2 },
  },
  llama: {
    kind: 'llama',
    prefix: 'model',
    options: (settings) => {
      const width = settings.whole('hidden_size', 4096)
      const heads = settings.whole('num_attention_heads', 32)
      settings.only('head_dim', [width / heads], width / heads)
      const rotary = settings.part('rope_parameters')
      rotary.only('rope_type', ['default'], 'default')
      return {
        width,
        layers: settings.whole('num_hidden_layers', 32),
        heads,
        keyValueHeads: settings.whole('num_key_value_heads', heads),
        expansion: settings.whole('intermediate_size', 11_008) / width,
        rotaryBase: rotary.number('rope_theta', settings.number('rope_theta', 10_000)),
        epsilon: settings.number('rms_norm_eps', 1e-6),
      }
    },
    dropout: { settings: ['attention_dropout'], otherwise: 0 },
    same: { hidden_act: ['silu'], rope_scaling: [], attention_bias: [false], mlp_bias: [false] },
    ignored: [HEADS, /^embed_tokens\.weight$/, /^layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/],
  },
}
