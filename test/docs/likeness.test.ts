import { expect } from 'chai';
import { difference, httpDifference, textDifference } from './likeness.js';

describe('comparing an answer with what a page shows', () => {
  it('takes anything for …, and any number for a number', () => {
    expect(difference({ token: 'eyJ…', at: 1 }, { token: 'eyJhbGci', at: 2 })).to.equal(null);
    expect(difference({ token: 'eyJ…' }, { token: 'opaque' })).to.be.a('string');
    expect(difference({ at: 1 }, { at: '2' })).to.be.a('string');
  });

  it('finds members and elements that are missing, and further ones unless … stands for them', () => {
    expect(difference({ a: 1 }, {})).to.equal('answer.a is missing: {}');
    expect(difference({ a: 1 }, { a: 1, b: 1 })).to.equal('answer.b is not shown');
    expect(difference({ a: 1, '…': '' }, { a: 1, b: 1 })).to.equal(null);
    expect(difference(['a'], ['a', 'b'])).to.equal('answer has 2 elements, not 1');
    expect(difference(['a', '…'], ['a', 'b'])).to.equal(null);
    expect(difference({ a: [{ b: 'x' }] }, { a: [{ b: 'y' }] })).to.equal('answer.a[0].b: "y" is not "x"');
  });

  it('compares status, shown headers and body of an HTTP answer', () => {
    const given = 'HTTP/1.1 200 OK\r\nX-One: 1\r\nX-Two: 2\r\n\r\n{"a":1}';
    expect(httpDifference('HTTP/1.1 200 OK\nx-one: 1\n\n{ "a": 2 }', given)).to.equal(null);
    expect(httpDifference('HTTP/1.1 200 OK\nx-one: …', given)).to.equal(null);
    expect(httpDifference('HTTP/1.1 201 Created', given)).to.contain('the status');
    expect(httpDifference('HTTP/1.1 200 OK\nx-one: 2', given)).to.contain('x-one: 2');
    expect(httpDifference('HTTP/1.1 200 OK\n\n{ "b": 1 }', given)).to.contain('answer.b is missing');
  });

  it('compares texts that are no JSON', () => {
    expect(textDifference('user …', 'user 1')).to.equal(null);
    expect(textDifference('user …', 'nobody')).to.be.a('string');
    expect(textDifference('{}', 'nobody')).to.equal('no JSON: nobody');
  });
});
