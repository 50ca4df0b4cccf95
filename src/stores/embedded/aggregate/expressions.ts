import { Context, evalExpr, ProcessingMode } from 'mingo/core';
import { type Doc, isDocument, MISSING, setOwn, type Value } from '../bson/value.js';
import { badValue, CommandError, notSupported } from '../errors.js';
import { isTruthy } from '../query/operands.js';
import type { ExpressionCompiler } from '../query/parse.js';
import { FIELD, fieldAt, loadOperators, OPERATOR_NAMES, promote } from './operators.js';

/** Computes a value from a document; MISSING when there is none. */
export type Evaluator = (document: Doc) => Value;

let loaded: ReturnType<typeof loadOptions> | undefined;

function loadOptions() {
  return {
    context: Context.init({ expression: loadOperators() }),
    idKey: '_id',
    processingMode: ProcessingMode.CLONE_OFF,
    useStrictMode: true,
    failOnError: true,
    scriptEnabled: false,
  };
}

/** Compiles an expression; operators outside of the allow-list are refused by name. @throws CommandError 168 */
export function compileEvaluator(expression: Value, variables: Doc = {}): Evaluator {
  if (isFieldPath(expression)) {
    const path = pathOf(expression);
    return (document) => fieldAt(document, path);
  }
  const prepared = prepare(expression);
  const options = (loaded ??= loadOptions());
  const globals = promote(variables) as Doc;
  return (document) => {
    try {
      const value = evalExpr(document, prepared, { ...options, variables: globals });
      return value === undefined ? MISSING : withoutMissing(value);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw badValue((error as Error).message);
    }
  };
}

/** A field of a document that has no value is not there; an element of an array is null. */
function withoutMissing(value: Value): Value {
  if (Array.isArray(value))
    return value.map((element) => (element === undefined ? null : withoutMissing(element)));
  if (!isDocument(value)) return value;
  const result: Doc = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) setOwn(result, key, withoutMissing(entry));
  }
  return result;
}

/** Compiles `$expr` with the variables of a command's `let`. */
export function variablesCompiler(variables: Doc): ExpressionCompiler {
  return (expression) => {
    const evaluate = compileEvaluator(expression, variables);
    return (document) => isTrue(evaluate(document));
  };
}

function isTrue(value: Value): boolean {
  return value !== MISSING && isTruthy(value);
}

const isFieldPath = (expression: Value): expression is string =>
  typeof expression === 'string' && expression.startsWith('$') && !expression.startsWith('$$');

function pathOf(expression: string): string[] {
  const path = expression.slice(1).split('.');
  if (path.includes('')) throw new CommandError(40353, `FieldPath '${expression}' must not have empty parts`);
  return path;
}

function prepare(expression: Value): Value {
  if (isFieldPath(expression)) return { [FIELD]: pathOf(expression) };
  if (typeof expression === 'string' && /^\$\$(ROOT|CURRENT)(\.|$)/.test(expression)) {
    return { [FIELD]: expression.split('.').slice(1) };
  }
  if (Array.isArray(expression)) return expression.map(prepare);
  if (!isDocument(expression)) return promote(expression);
  const keys = Object.keys(expression);
  const [first] = keys;
  if (!first?.startsWith('$')) return Object.fromEntries(keys.map((key) => [key, prepare(expression[key])]));
  if (keys.length > 1)
    throw new CommandError(15983, 'An object representing an expression must have exactly one field');
  if (!OPERATOR_NAMES.has(first) || first === FIELD) throw unknownExpression(first);
  if (first === '$literal') return { $literal: promote(expression.$literal) };
  return { [first]: prepare(expression[first]) };
}

function unknownExpression(name: string): CommandError {
  if (['$function', '$accumulator', '$where', '$meta'].includes(name))
    return notSupported(`the expression ${name}`);
  return new CommandError(168, `Unrecognized expression '${name}'`);
}
