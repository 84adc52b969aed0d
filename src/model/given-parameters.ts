import { contentParameter, pretrainedParameter, type Inputs } from '../inputs/index.ts'

/** The parameters that start from what is given beside the inputs: the tables of `inputs.pretrained`, then what is known of items by `inputs.content`. */
export const givenParameters = ({ pretrained, content }: Inputs): readonly string[] => [
  ...Object.keys(pretrained).map(pretrainedParameter),
  ...[...(content?.features ?? []), ...Object.keys(content?.vectors ?? {})].map(contentParameter),
]
