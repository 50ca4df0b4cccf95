import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { Public } from '../schema/governance.js';
import { Node, type Typed } from '../schema/Node.js';
import type { GraphQLContext } from './context.js';
import { typed } from './loaders.js';

const MAX_IDS = 100;

@Resolver()
export class NodeResolver {
  @Public('answers only with an object that the viewer may see')
  @Query(() => Node, { nullable: true, description: 'Any object by its global id.' })
  async node(@Ctx() context: GraphQLContext, @Arg('id', () => ID) id: string): Promise<Typed<object> | null> {
    const node = await context.loaders.byGlobalId(id);
    return node && typed(node);
  }

  @Public('answers only with objects that the viewer may see')
  @Query(() => [Node], {
    nullable: 'itemsAndList',
    description: `At most ${MAX_IDS} objects, in the order of the ids; null where there is none to see.`,
  })
  nodes(
    @Ctx() context: GraphQLContext,
    @Arg('ids', () => [ID]) ids: string[],
  ): Promise<(Typed<object> | null)[]> {
    if (ids.length > MAX_IDS) {
      throw new AppError('LIMIT_EXCEEDED', 'too many ids', {
        path: ['ids'],
        publicMessage: `There are ${ids.length} ids, the limit is ${MAX_IDS}.`,
      });
    }
    return Promise.all(ids.map((id) => this.node(context, id)));
  }
}
