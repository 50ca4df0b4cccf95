import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const FOLDERS = ['docs', 'deploy', 'demo', 'bench', 'examples'];

function markdownFiles(): string[] {
  const inFolders = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return [...readdirSync('.'), ...inFolders].filter((file) => file.endsWith('.md'));
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

describe('the documents', () => {
  for (const file of markdownFiles()) {
    it(`${file} links only to what is there`, () => {
      const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
      const broken = targets.filter((target) => {
        if (/^[a-z]+:/i.test(target)) return false;
        const [path = '', anchor] = target.split('#');
        const linked = path ? join(dirname(file), path) : file;
        if (!existsSync(linked)) return true;
        return anchor && linked.endsWith('.md')
          ? !anchorsOf(readFileSync(linked, 'utf8')).includes(anchor)
          : false;
      });
      expect(broken).to.deep.equal([]);
    });
  }
});
