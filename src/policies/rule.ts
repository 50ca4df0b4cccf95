/** `read`, `list`, `create`, `update`, `delete`, or a named act such as `lock`, `grantRole`, `rotateSecret`. */
export type Action = string;

/** A condition: the documented subset of a Mongo query, over GraphQL field names, with `{{placeholders}}`. */
export type Conditions = Readonly<Record<string, unknown>>;

/** What must hold of the session beside the rule (RFC 9470). */
export interface Requirement {
  readonly acr?: string;
  readonly maxAgeSeconds?: number;
}

/** One right or refusal, as data. `fields` is never empty; `['*']` stands for every field of the subject. */
export interface Rule {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly Action[];
  /** The name of a governed GraphQL type. */
  readonly subject: string;
  readonly fields: readonly string[];
  readonly conditions?: Conditions;
  readonly requires?: Requirement;
  readonly reason?: string;
}

/** A named set of rules that inherits others. Cycles are refused, diamonds merged. */
export interface RoleDefinition {
  readonly name: string;
  readonly description: string;
  readonly inherits: readonly string[];
  readonly rules: readonly Rule[];
  /** Built-in roles come with the release and cannot be deleted. */
  readonly builtIn: boolean;
}

/** What a token scope lets through: a rule set, so that a scope narrows per field. */
export interface ScopeDefinition {
  readonly name: string;
  readonly description: string;
  readonly rules: readonly Rule[];
}

/** Everything that decides, at one moment. A request is decided by exactly one version. */
export interface Policy {
  readonly version: number;
  readonly roles: ReadonlyMap<string, RoleDefinition>;
  readonly scopes: ReadonlyMap<string, ScopeDefinition>;
}
