import { encodeKey } from '../bson/keyEncoding.js';
import { type Doc, isDocument, MISSING, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileAccumulator } from './accumulators.js';
import { compileEvaluator } from './expressions.js';

/** `$group`: documents with equal keys together, in order of their first appearance. */
export function compileGroup(
  specification: Value,
  variables: Doc,
): (documents: Iterable<Doc>) => Iterable<Doc> {
  if (!isDocument(specification))
    throw new CommandError(15947, "a group's fields must be specified in an object");
  if (!('_id' in specification)) throw new CommandError(15955, 'a group specification must include an _id');
  const keyOf = compileEvaluator(specification._id, variables);
  const fields = Object.entries(specification)
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => {
      if (name.includes('.')) throw new CommandError(40235, `The field name '${name}' cannot contain '.'`);
      return { name, accumulate: compileAccumulator(name, value, variables) };
    });
  return (documents) => {
    const groups = new Map<string, { id: Value; members: Doc[] }>();
    for (const document of documents) {
      const value = keyOf(document);
      const id = value === MISSING ? null : value;
      const bytes = encodeKey(id).toString('latin1');
      const group = groups.get(bytes);
      if (group) group.members.push(document);
      else groups.set(bytes, { id, members: [document] });
    }
    return [...groups.values()].map(({ id, members }) => {
      const result: Doc = { _id: id };
      for (const { name, accumulate } of fields) result[name] = accumulate(members);
      return result;
    });
  };
}
