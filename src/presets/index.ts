export { preset, publishedAs, type Preset } from './preset.ts'
export { presetNames, published, type PresetName, type Published } from './published.ts'
