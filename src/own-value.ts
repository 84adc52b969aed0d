/** What a record holds under a name of the user's. A column may be called `constructor`, which every object has something under. */
export const ownValue = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
