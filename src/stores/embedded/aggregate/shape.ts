import {
  clone,
  type Doc,
  isDocument,
  MISSING,
  setOwn,
  TypeOrder,
  typeOrder,
  type Value,
} from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileProjection } from '../query/project.js';
import { compileEvaluator, type Evaluator, variablesCompiler } from './expressions.js';

interface Computed {
  readonly path: readonly string[];
  readonly evaluate: Evaluator;
}

/** A nested specification with one entry per leaf, in dotted form. */
function flatten(specification: Doc, prefix = ''): [string, Value][] {
  return Object.entries(specification).flatMap(([name, value]): [string, Value][] => {
    const path = prefix + name;
    if (isDocument(value) && !Object.keys(value)[0]?.startsWith('$') && Object.keys(value).length > 0) {
      return flatten(value, `${path}.`);
    }
    return [[path, value]];
  });
}

const isSwitch = (value: Value) => typeof value === 'boolean' || typeOrder(value) === TypeOrder.number;

/** `$addFields` and `$set`. */
export function compileAddFields(specification: Value, variables: Doc): (document: Doc) => Doc {
  if (!isDocument(specification))
    throw new CommandError(40272, '$addFields specification stage must be an object');
  const fields = flatten(specification).map(([path, value]) => computed(path, value, variables));
  return (document) => {
    const result = clone(document);
    for (const { path, evaluate } of fields) put(result, path, 0, evaluate(document));
    return result;
  };
}

function computed(path: string, value: Value, variables: Doc): Computed {
  const parts = path.split('.');
  if (parts.some((part) => part === '' || part.startsWith('$'))) {
    throw new CommandError(16410, `FieldPath field names may not be empty or start with '$': ${path}`);
  }
  return { path: parts, evaluate: compileEvaluator(value, variables) };
}

// Through arrays a computed field is put into every element.
function put(container: Doc, path: readonly string[], at: number, value: Value): void {
  const name = path[at] as string;
  if (at === path.length - 1) {
    if (value === MISSING) delete container[name];
    else setOwn(container, name, value);
    return;
  }
  const inner = Object.hasOwn(container, name) ? container[name] : undefined;
  if (Array.isArray(inner)) {
    setOwn(
      container,
      name,
      inner.map((element) => {
        const target = isDocument(element) ? element : {};
        put(target, path, at + 1, value);
        return target;
      }),
    );
    return;
  }
  const target = isDocument(inner) ? inner : {};
  put(target, path, at + 1, value);
  setOwn(container, name, target);
}

/** `$project`: inclusion with computed fields, or exclusion. */
export function compileProject(specification: Value, variables: Doc): (document: Doc) => Doc {
  if (!isDocument(specification)) throw new CommandError(15969, '$project specification must be an object');
  const entries = flatten(specification);
  if (entries.length === 0)
    throw new CommandError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  const fields = entries
    .filter(([, value]) => !isSwitch(value))
    .map(([path, value]) => computed(path, value, variables));
  const switches = Object.fromEntries(entries.filter(([, value]) => isSwitch(value)));
  const excludes = Object.entries(switches).some(([path, value]) => path !== '_id' && !isOn(value));
  if (excludes && fields.length > 0) {
    throw new CommandError(
      31252,
      'Invalid $project :: caused by :: Cannot use an expression in an exclusion projection',
    );
  }
  // With computed fields alone, everything else but _id is left out.
  const onlyId = Object.keys(switches).every((path) => path === '_id');
  const basis =
    fields.length > 0 && onlyId
      ? keepId(switches)
      : compileProjection(switches, variablesCompiler(variables));
  return (document) => {
    const result = clone(basis ? basis(document) : document);
    for (const { path, evaluate } of fields) put(result, path, 0, evaluate(document));
    return result;
  };
}

const isOn = (value: Value) => value !== false && String(value) !== '0';

function keepId(switches: Doc): (document: Doc) => Doc {
  const keeps = !('_id' in switches) || isOn(switches._id);
  return (document) => (keeps && '_id' in document ? { _id: document._id } : {});
}

/** `$unset`. */
export function compileUnset(specification: Value): (document: Doc) => Doc {
  const paths = Array.isArray(specification) ? specification : [specification];
  if (paths.length === 0 || paths.some((path) => typeof path !== 'string' || path === '')) {
    throw new CommandError(31002, '$unset specification must be a string or an array of strings');
  }
  return compileProject(Object.fromEntries(paths.map((path) => [path, false])), {});
}

/** `$replaceRoot` and `$replaceWith`. */
export function compileReplaceRoot(expression: Value, variables: Doc): (document: Doc) => Doc {
  const evaluate = compileEvaluator(expression, variables);
  return (document) => {
    const root = evaluate(document);
    if (!isDocument(root)) throw new CommandError(40228, "'newRoot' expression must evaluate to an object");
    return root;
  };
}
