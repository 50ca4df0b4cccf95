import { type ClassType, Field, ObjectType } from 'type-graphql';
import { Structural } from './governance.js';

/** The `XViewerCan` of a governed type: one boolean for each act on it. */
export function viewerCanOf(name: string, actions: Readonly<Record<string, string>>): ClassType {
  @Structural()
  @ObjectType(`${name}ViewerCan`, {
    simpleResolvers: true,
    description: 'What the viewer may do with this object, decided by the policy in force.',
  })
  // Its fields are added below.
  // oxlint-disable-next-line typescript/no-extraneous-class
  class ViewerCan {}
  for (const [action, description] of Object.entries(actions)) {
    Field(() => Boolean, { description })(ViewerCan.prototype, action);
  }
  return ViewerCan;
}
