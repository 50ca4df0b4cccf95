import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { readAccessToken } from '../http/credentials.js';
import { exportHead } from '../identity/audit/exportFormat.js';
import { countEvents, type IdRange, idAt, readEventPage } from '../identity/audit/readEvents.js';
import type { Deps } from '../identity/deps.js';
import { type AuthenticatedRequest } from '../identity/sessions/authenticate.js';
import { renewCaller } from '../identity/sessions/renewCaller.js';
import type { Catalog } from '../policies/catalog.js';
import type { Access } from '../policies/decision.js';
import { parseIsoDate } from '../policies/isoDate.js';
import {
  type AuditFilters,
  assertMayList,
  exportQuery,
  governedLine,
  governedQuery,
  streamQuery,
} from './auditQuery.js';
import { type Tail, tailEvents } from './auditTail.js';
import { actorOf, authenticateCaller } from './caller.js';
import { callerAccess } from './callerAccess.js';
import { auditExportSchema, auditStreamSchema } from './schemas.js';

const PAGE = 500;
/** Nothing is read for a reader that takes nothing. */
const ONE_PAGE = { objectMode: true, highWaterMark: 1 };
const MOST_TAILS = 100;
const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** `/audit/events/export` and `/audit/events/stream`: the trail as far as the caller may read it, whole and live. */
export function addAuditTrail(app: FastifyInstance, deps: Deps, catalog: Catalog): void {
  const closing = new AbortController();
  let tails = 0;
  // Answers without an end would hold up the close.
  app.addHook('preClose', (done) => {
    closing.abort();
    done();
  });

  app.get('/audit/events/export', { schema: auditExportSchema }, async (request, reply) => {
    const { format = 'jsonl', from, to, ...filters } = exportQuery.parse(request.query);
    const reader = await openReader(deps, catalog, request, reply, filters);
    const range = { after: boundOf(from, 'from'), before: boundOf(to, 'to') };
    const total = await countEvents(deps, reader.query, range);
    await recordReading(deps, request, reader.caller, 'audit.export');
    return reply
      .header('cache-control', 'no-store')
      .header(
        'content-type',
        format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl',
      )
      .header('content-disposition', `attachment; filename="audit.${format}"`)
      .header('x-fieldgate-total', String(total))
      .send(Readable.from(exported(deps, reader, format, range), ONE_PAGE));
  });

  app.get('/audit/events/stream', { schema: auditStreamSchema }, async (request, reply) => {
    const filters = streamQuery.parse(request.query);
    const reader = await openReader(deps, catalog, request, reply, filters);
    const after = resumeAfter(request) ?? idAt(deps.clock());
    if (tails >= MOST_TAILS) {
      throw new AppError('UNAVAILABLE', `more than ${MOST_TAILS} live tails`, { retryAfterSeconds: 30 });
    }
    await recordReading(deps, request, reader.caller, 'audit.tail');
    tails += 1;
    const gone = new AbortController();
    reply.raw.once('close', () => {
      tails -= 1;
      gone.abort();
    });
    const tail: Tail = { renew: reader.renew, after, signal: AbortSignal.any([closing.signal, gone.signal]) };
    return (
      reply
        .header('cache-control', 'no-store')
        .header('content-type', 'text/event-stream; charset=utf-8')
        // Else it would stay open, idle, when the server closes.
        .header('connection', 'close')
        // Proxies that collect an answer would hold back the events.
        .header('x-accel-buffering', 'no')
        .send(Readable.from(tailEvents(deps, tail), ONE_PAGE))
    );
  });
}

/** What a caller may read now. */
export interface Reading {
  readonly access: Access;
  readonly query: Record<string, unknown>;
}

interface Reader extends Reading {
  readonly caller: AuthenticatedRequest;
  /** Anew, with the rights of that moment; null when token or session are over, or the right to list is gone. */
  readonly renew: () => Promise<Reading | null>;
}

async function openReader(
  deps: Deps,
  catalog: Catalog,
  request: FastifyRequest,
  reply: FastifyReply,
  filters: AuditFilters,
): Promise<Reader> {
  const caller = await authenticateCaller(deps, request, reply);
  const readingOf = async ({ principal }: AuthenticatedRequest): Promise<Reading> => {
    const access = await callerAccess(deps, catalog, principal);
    assertMayList(access);
    return { access, query: governedQuery(access, filters) };
  };
  return {
    caller,
    ...(await readingOf(caller)),
    renew: async () => {
      const bearer = readAccessToken(request);
      const now = await renewCaller(deps, caller, { bearer, address: request.origin.address });
      return now && readingOf(now).catch(() => null);
    },
  };
}

/** Pages are read as fast as they are taken. Who loses the right to read on sees the answer break off. */
async function* exported(
  deps: Deps,
  reader: Reader,
  format: 'jsonl' | 'csv',
  range: IdRange,
): AsyncGenerator<string> {
  yield exportHead(format);
  let reading: Reading | null = reader;
  for (let after = range.after; ; ) {
    const { access, query }: Reading = reading;
    const page = await readEventPage(deps, query, { ...range, after }, PAGE);
    if (page.length > 0) yield page.map((event) => governedLine(format, access, event)).join('');
    if (page.length < PAGE) return;
    after = page.at(-1)?.stored._id;
    reading = await reader.renew();
    if (!reading) throw new AppError('UNAUTHENTICATED', 'the session ended during an export');
  }
}

/** @throws AppError BAD_USER_INPUT */
function boundOf(moment: string | undefined, path: string): string | undefined {
  if (moment === undefined) return undefined;
  const at = parseIsoDate(moment);
  if (at !== null) return idAt(at);
  throw new AppError('BAD_USER_INPUT', 'not a moment', {
    path: [path],
    publicMessage: 'Neither a day nor an ISO 8601 time with its offset.',
  });
}

/** @throws AppError BAD_USER_INPUT */
function resumeAfter({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  if (typeof id === 'string' && EVENT_ID.test(id)) return id;
  throw new AppError('BAD_USER_INPUT', 'not an event id', {
    publicMessage: 'Last-Event-ID is not an id of an event.',
  });
}

/** Who reads the trail stands in the trail. */
function recordReading(
  deps: Pick<Deps, 'audit'>,
  request: FastifyRequest,
  caller: AuthenticatedRequest,
  action: string,
): Promise<void> {
  return deps.audit.record({ action, outcome: 'success', actor: actorOf(caller), origin: request.origin });
}
