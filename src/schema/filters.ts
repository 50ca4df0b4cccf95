import { type ClassType, Field, ID, InputType, registerEnumType } from 'type-graphql';
import { PlainInput } from './governance.js';
import { DateTime } from './scalars.js';

@PlainInput()
@InputType()
export class IdFilter {
  @Field(() => ID, { nullable: true })
  equals?: string | null;

  @Field(() => [ID], { nullable: true })
  in?: string[] | null;

  @Field(() => Boolean, { nullable: true })
  isNull?: boolean | null;
}

@PlainInput()
@InputType({ description: 'Every condition given must hold.' })
export class StringFilter {
  @Field(() => String, { nullable: true })
  equals?: string | null;

  @Field(() => [String], { nullable: true })
  in?: string[] | null;

  @Field(() => String, { nullable: true })
  startsWith?: string | null;

  @Field(() => Boolean, { nullable: true })
  isNull?: boolean | null;
}

@PlainInput()
@InputType({ description: 'For what is stored encrypted: compared as a whole.' })
export class ExactStringFilter {
  @Field(() => String, { nullable: true })
  equals?: string | null;

  @Field(() => [String], { nullable: true })
  in?: string[] | null;
}

@PlainInput()
@InputType()
export class StringListFilter {
  @Field(() => String, { nullable: true, description: 'The list holds this value.' })
  has?: string | null;

  @Field(() => [String], { nullable: true, description: 'The list holds at least one of these.' })
  hasAny?: string[] | null;
}

@PlainInput()
@InputType()
export class BooleanFilter {
  @Field(() => Boolean)
  equals!: boolean;
}

@PlainInput()
@InputType({ description: 'Every condition given must hold.' })
export class DateTimeFilter {
  @Field(() => DateTime, { nullable: true })
  equals?: Date | null;

  @Field(() => DateTime, { nullable: true })
  gt?: Date | null;

  @Field(() => DateTime, { nullable: true })
  gte?: Date | null;

  @Field(() => DateTime, { nullable: true })
  lt?: Date | null;

  @Field(() => DateTime, { nullable: true })
  lte?: Date | null;

  @Field(() => Boolean, { nullable: true })
  isNull?: boolean | null;
}

/** The `XFilter` of an enum. */
export function enumFilterOf(
  type: object,
  name: string,
): ClassType<{ equals?: string | null; in?: string[] | null }> {
  @PlainInput()
  @InputType(name)
  class EnumFilter {
    @Field(() => type, { nullable: true })
    equals?: string | null;

    @Field(() => [type], { nullable: true })
    in?: string[] | null;
  }
  return EnumFilter;
}

export enum OrderDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}

registerEnumType(OrderDirection, { name: 'OrderDirection' });
