import { Field, ID, InterfaceType } from 'type-graphql';
import type { NodeType } from './globalId.js';

/** A stored document on its way to an abstract type (interface or union) says which type it is. */
export type Typed<T extends object> = T & { readonly __typename: NodeType };

@InterfaceType({
  description: 'Anything with a global id.',
  resolveType: (value: Typed<object>) => value.__typename,
})
export abstract class Node {
  @Field(() => ID, { description: 'Unique among all objects: give it to `node`.' })
  id!: string;
}
