import tseslint from 'typescript-eslint'
import importX, { createNodeResolver } from 'eslint-plugin-import-x'

/** Folder → folders it may import. `errors.ts` may be imported by all. The walk of the data, in one place. */
const mayImport = {
  graph: [],
  kernels: [],
  events: [],
  datasets: ['events'],
  expressions: [],
  schema: ['events'],
  workflow: ['events', 'expressions', 'schema'],
  data: ['events', 'workflow', 'masking'],
  leakage: ['data', 'expressions', 'workflow'],
  nn: ['graph'],
  inputs: ['graph', 'nn'],
  masking: ['graph', 'nn'],
  blocks: ['graph', 'nn', 'masking'],
  heads: ['graph', 'nn'],
  presets: ['blocks', 'masking', 'heads', 'model', 'train', 'artifact'],
  metrics: [],
  model: ['graph', 'nn', 'inputs', 'masking', 'blocks', 'heads'],
  train: ['graph', 'kernels', 'nn', 'data', 'metrics', 'evaluate', 'baselines', 'model', 'artifact'],
  tune: ['artifact', 'train'],
  runs: ['data', 'metrics', 'evaluate', 'train', 'artifact'],
  report: ['artifact', 'metrics', 'runs', 'tune'],
  baselines: ['data'],
  evaluate: ['graph', 'data', 'masking', 'metrics', 'heads', 'model', 'baselines'],
  artifact: [
    'graph',
    'data',
    'baselines',
    'expressions',
    'workflow',
    'model',
    'blocks',
    'masking',
    'heads',
    'inputs',
  ],
  huggingface: ['graph', 'nn', 'masking', 'blocks', 'artifact'],
  serve: ['recommend', 'explain', 'workflow', 'artifact', 'catalogue', 'rules', 'vector-store', 'record-log'],
  client: ['serve'],
  embeddings: ['graph', 'expressions', 'workflow', 'artifact', 'model'],
  'record-log': ['artifact'],
  'vector-store': ['graph', 'artifact', 'record-log'],
  catalogue: ['vector-store'],
  rules: ['catalogue', 'vector-store'],
  recommend: [
    ...['graph', 'data', 'baselines', 'expressions', 'workflow', 'artifact', 'metrics'],
    ...['catalogue', 'rules', 'vector-store'],
  ],
  explain: ['graph', 'workflow', 'artifact', 'recommend'],
}
const folders = Object.keys(mayImport)
const place = (name) => [`./src/${name}`, `./src/${name}.ts`]

const zones = folders.map((folder) => ({
  target: place(folder),
  from: [
    './src/cli',
    './src/index.ts',
    ...folders.filter((other) => other !== folder && !mayImport[folder].includes(other)).flatMap(place),
  ],
  message: `src/${folder} may import only: ${['errors', ...mayImport[folder]].join(', ')} (see ARCHITECTURE.md).`,
}))

const only = (name, files) => ({
  files: ['src/**/*.ts'],
  ignores: files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: name.map((each) => each.group).flat(),
            message: name.map((each) => each.message).join(' '),
          },
        ],
      },
    ],
  },
})

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist-bench/**',
      'node_modules/**',
      'src/kernels/assembly/**',
      'src/kernels/wasm.generated.ts',
      '**/*.mjs',
      'test/fixtures/**',
      '.venv*/**',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'no-eval': 'error',
      // `Block<'causal'>` says what it means, also while causal is the only kind.
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-implied-eval': 'off',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
  },
  only(
    [
      {
        group: ['onnxruntime-node', 'onnxruntime-web', 'onnxruntime-common'],
        message: 'Only src/graph/node.ts and src/graph/web.ts import ONNX Runtime.',
      },
      { group: ['@duckdb/*'], message: 'Only src/events imports DuckDB.' },
      {
        group: ['usearch', '@lancedb/*', 'apache-arrow', '@zilliz/*'],
        message: 'Only src/vector-store imports vector stores.',
      },
    ],
    [
      'src/graph/node.ts',
      'src/graph/web.ts',
      'src/graph/run-session.ts',
      'src/events/**',
      'src/vector-store/**',
      '**/*.test.ts',
      '**/*.test-support.ts',
    ],
  ),
  {
    files: ['**/*.test.ts', '**/*.test-support.ts'],
    rules: { 'import-x/no-restricted-paths': 'off', '@typescript-eslint/no-floating-promises': 'error' },
  },
  { files: ['vitest.*config.ts', 'eslint.config.js'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
)
