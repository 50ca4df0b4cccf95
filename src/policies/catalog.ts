export type ScalarKind = 'string' | 'number' | 'boolean' | 'date';
export type FieldKind = ScalarKind | 'list' | 'object';

/** One field that rules may name. */
export interface CatalogField {
  /** Where the stored document keeps it, dots between levels. Null: not stored, so no condition may name it. */
  readonly path: string | null;
  readonly kind: FieldKind;
  /** What a list holds, where that is a scalar; else null. */
  readonly items: ScalarKind | null;
  /** False for what can be written and never read (a password). */
  readonly readable: boolean;
}

export interface CatalogSubject {
  readonly fields: ReadonlyMap<string, CatalogField>;
  readonly actions: ReadonlySet<string>;
}

/** Every subject, field and action that a rule may name. Made from the built GraphQL schema, once, at boot. */
export interface Catalog {
  readonly subjects: ReadonlyMap<string, CatalogSubject>;
}

/** In a rule: every field, and the act as a whole. In a check: the act as a whole, which only a rule with `*` allows. */
export const WHOLE = '*';

/** The actions that every subject has. */
export const COMMON_ACTIONS = ['read', 'list', 'create', 'update', 'delete'] as const;

type FieldDefinition = FieldKind | (Partial<CatalogField> & { readonly kind: FieldKind });

/** Writes a catalog down by hand: a field is its kind, or its kind with what differs from the default. */
export function defineCatalog(
  subjects: Readonly<
    Record<
      string,
      { readonly fields: Readonly<Record<string, FieldDefinition>>; readonly actions?: readonly string[] }
    >
  >,
): Catalog {
  return {
    subjects: new Map(
      Object.entries(subjects).map(([name, subject]) => [
        name,
        {
          fields: new Map(Object.entries(subject.fields).map(([field, of]) => [field, fieldOf(field, of)])),
          actions: new Set([...COMMON_ACTIONS, ...(subject.actions ?? [])]),
        },
      ]),
    ),
  };
}

function fieldOf(name: string, definition: FieldDefinition): CatalogField {
  const given = typeof definition === 'string' ? { kind: definition } : definition;
  return { path: name === 'id' ? '_id' : name, items: null, readable: true, ...given };
}
