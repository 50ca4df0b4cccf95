// Serves the files of this folder as any static host would; the two libraries come as they are from node_modules.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const {
  ISSUER = 'http://127.0.0.1:3000',
  API_URL = 'http://127.0.0.1:4000',
  AUDIENCE = 'https://notes.example',
  CLIENT_ID = 'notes-spa',
  PORT = '4002',
} = process.env;

const here = (path) => new URL(path, import.meta.url);
const FILES = {
  '/': here('index.html'),
  '/app.js': here('app.js'),
  '/silent.html': here('silent.html'),
  '/silent.js': here('silent.js'),
  '/settings.js': here('settings.js'),
  '/vendor/oidc-client-ts.js': new URL(import.meta.resolve('oidc-client-ts')),
  '/vendor/jwt-decode.js': new URL(import.meta.resolve('jwt-decode')),
};
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };

createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (path === '/deployment.json') {
    const deployment = { issuer: ISSUER, apiUrl: API_URL, audience: AUDIENCE, clientId: CLIENT_ID };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(deployment));
    return;
  }
  const file = FILES[path];
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  readFile(file).then(
    (content) => response.writeHead(200, { 'Content-Type': TYPES[extname(file.pathname)] }).end(content),
    () => response.writeHead(500).end(),
  );
}).listen(Number(PORT), '127.0.0.1', () => console.log(`The app is at http://127.0.0.1:${PORT}`));
