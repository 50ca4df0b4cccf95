// Before any decorator runs: type-graphql reads the types that the compiler emits.
import 'reflect-metadata';
import { Extensions } from 'type-graphql';

/**
 * The marks from which the guard, the boot check and the documentation of permissions are made.
 * Every type, root field and argument carries one; a missing mark stops the boot (`resolvers/guard`).
 */

/** How a GraphQL object type stands to the policy. */
export type TypeMark =
  | {
      /** Its name is a policy subject; each of its fields needs `read` on the object. */
      readonly kind: 'governed';
      /** The named acts on it beside read, list, create, update and delete. */
      readonly actions: readonly string[];
      /** Stored path of a field where it is not the field's own name (`id` is always `_id`). Null: not stored, so no condition or filter may name it. */
      readonly paths: Readonly<Record<string, string | null>>;
      /** Fields that may be written (input guard), beside those that may be read. */
      readonly writable: readonly string[];
    }
  /** Holds no data of its own: payloads, connections, edges, PageInfo. Its fields pass through. */
  | { readonly kind: 'structural' };

/** Where the guard finds the object that a mutation acts on. */
export type Target =
  /** The signed-in user. */
  | { readonly from: 'viewer' }
  /** The session of this request. */
  | { readonly from: 'viewerSession' }
  /** The node whose global id stands at this argument path ("input.id"). */
  | { readonly from: 'argument'; readonly path: string }
  /** No object: the act is about the whole type (create, list). */
  | { readonly from: 'none' };

/** What a root field, or a non-read field of a governed type, demands. */
export type FieldMark =
  | { readonly kind: 'public'; readonly why: string }
  | {
      readonly kind: 'requires';
      readonly action: string;
      readonly subject: string;
      readonly target: Target;
      /**
       * For update and create: the argument path of the input object whose present keys are the fields written.
       * Each is judged on the object before and after. Keys named in `ignore` are not fields (`id`, `clientMutationId`).
       */
      readonly writes?: { readonly path: string; readonly ignore?: readonly string[] };
      /** For other acts: the field name that rules speak of; default `*` meaning the act as a whole. */
      readonly field?: string;
    };

/** How an input object type stands to the policy: a filter or order names readable fields, so it needs read on each. */
export type InputMark =
  | { readonly kind: 'filterOf'; readonly subject: string }
  | { readonly kind: 'orderOf'; readonly subject: string }
  | { readonly kind: 'plain' };

export const MARK = 'fieldgate';

const mark = (value: TypeMark | FieldMark | InputMark) => Extensions({ [MARK]: value });

/** Marks an object type as a policy subject. */
export const Governed = (
  options: {
    actions?: readonly string[];
    paths?: Readonly<Record<string, string | null>>;
    writable?: readonly string[];
  } = {},
) =>
  mark({
    kind: 'governed',
    actions: options.actions ?? [],
    paths: options.paths ?? {},
    writable: options.writable ?? [],
  });

/** Marks an object type that only carries others. */
export const Structural = () => mark({ kind: 'structural' });

/** Marks a field that anybody may use, and says why that is safe. */
export const Public = (why: string) => mark({ kind: 'public', why });

/** Marks what a root field demands. */
export const Requires = (demand: Omit<Extract<FieldMark, { kind: 'requires' }>, 'kind'>) =>
  mark({ kind: 'requires', ...demand });

/** Marks a filter input: each key (but `and`, `or`, `not`) is a field of the subject. */
export const FilterOf = (subject: string) => mark({ kind: 'filterOf', subject });

/** Marks an order input `{ field, direction }`: each value of `field` is a field of the subject. */
export const OrderOf = (subject: string) => mark({ kind: 'orderOf', subject });

/** Marks an input that names no field of a subject beyond what its mutation's `writes` judges. */
export const PlainInput = () => mark({ kind: 'plain' });
