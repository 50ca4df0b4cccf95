import type { FastifyInstance } from 'fastify';
import type { Outbox, OutboxMessage } from '../identity/messages/outbox.js';

/** `/dev/outbox`: what was not sent because no transport is configured, newest first; a page for browsers, else JSON. */
export function addOutbox(app: FastifyInstance, outbox: Outbox): void {
  app.get('/dev/outbox', (request, reply) => {
    const messages = [...outbox.messages()].reverse();
    reply.header('cache-control', 'no-store');
    if (!(request.headers.accept ?? '').includes('text/html')) return reply.send({ messages });
    return reply.type('text/html; charset=utf-8').send(page(messages));
  });
}

function page(messages: readonly OutboxMessage[]): string {
  const list = messages.map(
    ({ kind, to, subject, text, sentAt }) =>
      `<article><h2>${escape(subject || kind)}</h2><p>${escape(to)}, ${sentAt.toISOString()}</p><pre>${linked(text)}</pre></article>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Outbox</title><h1>Outbox</h1>${
    list.join('<hr>') || '<p>Nothing was sent yet.</p>'
  }</html>`;
}

function linked(text: string): string {
  return escape(text).replace(
    /https?:\/\/[^\s<>&]+(?:&#38;[^\s<>&]+)*/g,
    (url) => `<a href="${url}">${url}</a>`,
  );
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
