import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';

/** RFC 3339, always with an offset; stored and answered in UTC. */
export const DateTime = GraphQLDateTime;

/** An object of JSON values, for data whose shape the installation decides. */
export const JsonObject = GraphQLJSONObject;
