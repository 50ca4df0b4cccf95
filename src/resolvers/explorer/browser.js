// The page of /explorer, bundled by scripts/buildExplorer.ts; runs in browsers only.
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';

const WORKERS = { json: 'json.worker.js', graphql: 'graphql.worker.js' };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(WORKERS[label] ?? 'editor.worker.js', import.meta.url)),
};

const QUERY = `# The session cookie is sent along. For a bearer token,
# type under "Headers": { "authorization": "Bearer …" }
query Viewer {
  viewer {
    id
    username
    email
    roles {
      name
    }
    viewerCan {
      update
      export
    }
  }
}
`;

/** One request, one answer: no subscriptions, so no toolkit. */
async function fetcher(request, { headers } = {}) {
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(request),
  });
  return response.json();
}

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, { fetcher, defaultQuery: QUERY, shouldPersistHeaders: false }),
);
