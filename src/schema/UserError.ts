import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Structural } from './governance.js';

/** What can be wrong with what was sent, in a form that a program may branch on. */
export enum UserErrorCode {
  BAD_USER_INPUT = 'BAD_USER_INPUT',
  CODE_INVALID = 'CODE_INVALID',
  CONFLICT = 'CONFLICT',
  INVALID_CREDENTIALS = 'INVALID_CREDENTIALS',
  PASSWORD_TOO_WEAK = 'PASSWORD_TOO_WEAK',
}

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'Why a mutation changed nothing.',
  valuesConfig: {
    BAD_USER_INPUT: { description: 'A value is malformed or out of range.' },
    CODE_INVALID: { description: 'The code or link is wrong, used or expired.' },
    CONFLICT: { description: 'Taken, in use, or not possible in the present state.' },
    INVALID_CREDENTIALS: { description: 'The credentials do not match.' },
    PASSWORD_TOO_WEAK: { description: 'The password policy refuses it.' },
  },
});

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A fault in the input. The mutation changed nothing.' })
export class UserError {
  @Field(() => UserErrorCode)
  code!: UserErrorCode;

  @Field(() => [String], { description: 'Where in the arguments the fault is, outermost first.' })
  path!: string[];

  @Field(() => String, { description: 'For people.' })
  message!: string;
}
