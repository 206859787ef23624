import { schema as published } from '@octokit/graphql-schema';
import {
  buildSchema,
  execute,
  getOperationAST,
  GraphQLError,
  Kind,
  parse,
  validate,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { ok, type Answer } from './answer.ts';
import { createCommitOnBranch } from './commit.ts';
import { repositoryOf } from './graphql-repository.ts';
import { GitHubError, type GraphqlContext } from './graphql-error.ts';

export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Answers with GitHub's own schema. Queries that GitHub would refuse are refused and reported to `complain`. The same
 * happens to queries that this rig does not support, because they would otherwise look like a null.
 */
export async function answerGraphql(
  { query, variables }: GraphqlRequest,
  context: GraphqlContext,
  complain: (complaint: string) => void,
): Promise<Answer> {
  const refuse = (errors: readonly GraphQLError[]): Answer => {
    for (const { message } of errors) complain(message);
    return ok({ errors: errors.map(toJson) });
  };
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return refuse([error as GraphQLError]);
  }
  const schema = gitHubSchema();
  const faults = validate(schema, document);
  if (faults.length > 0) return refuse(faults);
  const { data, errors } = await execute({
    schema,
    document,
    rootValue: { repository: repositoryOf, createCommitOnBranch },
    contextValue: { ...context, complain },
    variableValues: variables,
    fieldResolver: resolveField,
  });
  for (const { message, originalError } of errors ?? []) if (!(originalError instanceof GitHubError)) complain(message);
  return ok({
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(toJson) }),
  });
}

/** Returns the name of the first field of a query, such as `createCommitOnBranch`. */
export function fieldOf(query: string): string | undefined {
  try {
    const [first] = getOperationAST(parse(query))?.selectionSet.selections ?? [];
    return first?.kind === Kind.FIELD ? first.name.value : undefined;
  } catch {
    return undefined;
  }
}

let built: GraphQLSchema | undefined;

/** Takes a third of a second, once. */
function gitHubSchema(): GraphQLSchema {
  built ??= buildSchema(published.idl, { assumeValid: true, noLocation: true });
  return built;
}

const resolveField: GraphQLFieldResolver<unknown, GraphqlContext> = (source, args, context, info) => {
  const value = Object(source)[info.fieldName];
  if (value === undefined) throw new Error(`this rig can't answer ${info.parentType.name}.${info.fieldName}`);
  return typeof value === 'function' ? value(args, context, info) : value;
};

function toJson(error: GraphQLError): unknown {
  const { message, path, locations, originalError } = error;
  const type = originalError instanceof GitHubError ? { type: originalError.type } : {};
  const forbidden = originalError instanceof GitHubError && originalError.type === 'FORBIDDEN';
  return { ...type, path, ...(forbidden ? { extensions: { saml_failure: false } } : {}), locations, message };
}
