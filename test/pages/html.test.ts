import { expect } from 'chai';
import { type Content, html, renderHtml } from '../../src/pages/html.js';

const HOSTILE = `"><script>alert('x')</script>&amp;`;

describe('html', () => {
  it('escapes every value, in text and in attributes', () => {
    const { text } = html`<a title="${HOSTILE}">${HOSTILE}</a>`;
    expect(text.match(/<[^>]*>/g)).to.have.length(2);
    expect(text).to.include('&lt;script&gt;').and.include('&amp;amp;').and.include('&#39;x&#39;');
    expect(text).not.to.include('<script');
  });

  it('leaves alone what it made itself, also in lists', () => {
    const items = ['<one>', 'two'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>`.text).to.equal('<ul><li>&lt;one&gt;</li><li>two</li></ul>');
  });

  it('leaves nothing for null, undefined and false, and writes numbers', () => {
    expect(html`a${null}b${undefined}c${false}d${0}`.text).to.equal('abcd0');
  });

  it('takes no object for markup that only looks like it', () => {
    const forged = { text: '<b>' } as unknown as Content;
    expect(() => html`${forged}`).to.throw(TypeError);
  });

  it('refuses a value in an attribute without quotes', () => {
    expect(() => html`<a href=${'x'}>`).to.throw('without quotes');
  });

  it('opens a document with its doctype', () => {
    expect(renderHtml(html`<p>x</p>`)).to.equal('<!doctype html>\n<p>x</p>\n');
  });
});
