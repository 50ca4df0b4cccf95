import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { Structural } from './governance.js';
import { PageInfo } from './PageInfo.js';

/** One page of stored documents; the count is taken only when somebody asks for it. */
export interface Page<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
  readonly totalCount: () => Promise<number>;
}

/** The `XConnection` of a node type, with its `XEdge`. */
export function connectionOf(node: ClassType, name: string): ClassType {
  @Structural()
  @ObjectType(`${name}Edge`, { simpleResolvers: true })
  class Edge {
    @Field(() => String, { description: 'Opaque: pass it as `after` or `before`.' })
    cursor!: string;

    @Field(() => node)
    node!: object;
  }

  @Structural()
  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  class Connection {
    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => [node], { description: 'The nodes of the edges, for those who need no cursor.' })
    nodes!: object[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'How many there are, of those that the viewer may see.' })
    totalCount!: number;
  }
  return Connection;
}
