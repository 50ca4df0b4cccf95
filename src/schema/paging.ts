import { ArgsType, Field, Int } from 'type-graphql';

/** Relay's paging arguments: `first` with `after`, or `last` with `before`. */
@ArgsType()
export class PagingArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'At most so many, from the start or after the cursor; 1 to 100, 20 if neither is given.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'At most so many, from the end or before the cursor; 1 to 100.',
  })
  last?: number | null;

  @Field(() => String, { nullable: true })
  before?: string | null;
}
