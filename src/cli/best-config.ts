import { definitionToJson, type DefinitionJson } from '../workflow/definition-json.ts'
import type { ConfigSections } from './config.ts'
import type { TrainingInput } from './training-data.ts'

/** The config of a trial, with the data that it was searched with: flags may have said another split than the config, and the seed by which it draws. */
export function bestConfig(
  { split: _split, learnFrom: _learnFrom, ...parts }: ConfigSections,
  input: TrainingInput,
): ConfigSections & { readonly workflow?: DefinitionJson } {
  return {
    ...(input.workflow && { workflow: definitionToJson(input.workflow.definition) }),
    ...(input.split && { split: input.split }),
    ...('events' in input && { learnFrom: input.learnFromAll ? 'all' : 'training' }),
    ...parts,
  }
}
