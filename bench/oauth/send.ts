import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** A form by POST, or GET without one. @throws when the answer is not 200 */
export function send(url: string, headers: Record<string, string> = {}, form?: string): Promise<string> {
  const body =
    form === undefined
      ? {}
      : {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(Buffer.byteLength(form)),
        };
  return new Promise((resolve, reject) => {
    const method = form === undefined ? 'GET' : 'POST';
    const call = request(url, { method, agent, headers: { ...headers, ...body } }, (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        received += part;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(received);
        else reject(new Error(`${url} answered ${String(answer.statusCode)}: ${received.slice(0, 300)}`));
      });
    });
    call.on('error', reject);
    call.end(form);
  });
}
