/** What is said at every start, and of what nothing is said. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfig } from './config.ts'
import { warningsOf } from './config-warnings.ts'

type Env = Record<string, string>

const SHOP: Env = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://shop.example',
  TRUST_PROXY: '1',
  DATABASE_URL: 'postgres://hundi:hunter2@db.example/hundi?sslmode=require',
  AUTH_SECRET: 'vA4kq2Yt9mWz0LrXe7HsPbN1uCdJfG6i',
  RAZORPAY_KEY_ID: 'rzp_live_abc',
  RAZORPAY_KEY_SECRET: 'hunter2',
  RAZORPAY_WEBHOOK_SECRET: 'h7Gq2mVxLr9T',
}

function said(env: Env): string[] {
  return warningsOf(readConfig(env)).map(({ variable, problem }) => `${variable} ${problem}`)
}

function without(...names: string[]): Env {
  return Object.fromEntries(Object.entries(SHOP).filter(([name]) => !names.includes(name)))
}

describe('FX9 at every start is said', () => {
  const CASES: readonly (readonly [what: string, env: Env, lines: string[]])[] = [
    ['nothing of a shop that is set up as the README says', SHOP, []],
    ['nothing of a shop to try out', {}, []],
    ['nothing of one that a test opened without limits', { RATE_LIMIT_PER_MINUTE: '0', SEED_DEMO: '1' }, []],
    [
      'that links lead nowhere',
      without('PUBLIC_URL'),
      ['PUBLIC_URL is not set: links and redirects lead to http://127.0.0.1:3000'],
    ],
    [
      'that the shop is not encrypted',
      { ...SHOP, PUBLIC_URL: 'http://shop.example' },
      ['PUBLIC_URL is http: passwords, sessions and addresses can be read on the way'],
    ],
    [
      'that clients cannot be told apart',
      { ...SHOP, TRUST_PROXY: '0' },
      ['TRUST_PROXY is 0 and PUBLIC_URL is https: behind a proxy all clients count as one, and share one limit'],
    ],
    [
      'that a partner is not encrypted',
      { ...SHOP, CORS_ORIGINS: 'https://app.example,http://app.example' },
      ['CORS_ORIGINS has an origin with http: whoever is on the way can act for those who are signed in there'],
    ],
    [
      'that nobody makes backups',
      without('DATABASE_URL'),
      ["DATABASE_URL is not set: the shop's money is in .hundi, of which nobody makes backups"],
    ],
    ['that the demo shop is there', { ...SHOP, SEED_DEMO: '1' }, ['SEED_DEMO is on: the demo shop is filled in']],
    [
      'that nothing is limited',
      { ...SHOP, RATE_LIMIT_PER_MINUTE: '0' },
      ['RATE_LIMIT_PER_MINUTE is 0: nothing limits who guesses or floods'],
    ],
    [
      'that figures are told to nobody',
      { ...SHOP, METRICS_PORT: '9464' },
      ['METRICS_TOKEN is not set: nobody is told the figures at METRICS_PORT'],
    ],
    [
      "that a provider's keys travel in the clear",
      { ...SHOP, RAZORPAY_BASE_URL: 'http://api.razorpay.com' },
      ["RAZORPAY_BASE_URL is http, and not the provider's: our keys can be read on the way"],
    ],
    [
      'that somebody else answers for a provider',
      { ...SHOP, RAZORPAY_CHECKOUT_URL: 'https://checkout.razorpay.com.evil.example/v1/checkout.js' },
      ["RAZORPAY_CHECKOUT_URL is not the provider's own address: whoever answers there is believed about money"],
    ],
    [
      'that the simulator can be reached from outside',
      { PUBLIC_URL: 'http://192.168.1.7:3000', HOST: '0.0.0.0' },
      ['SANDBOX is on and PUBLIC_URL is not this machine: whoever reaches the shop can buy for no money'],
    ],
  ]
  for (const [what, env, lines] of CASES) {
    test(what, () => assert.deepEqual(said(env), lines))
  }

  test('all of it at once, each in a line, and no secret', () => {
    const lines = said({
      ...without('DATABASE_URL'),
      PUBLIC_URL: 'http://shop.example',
      SEED_DEMO: '1',
      RATE_LIMIT_PER_MINUTE: '0',
      RAZORPAY_BASE_URL: 'http://10.0.0.9:9000/razorpay',
    })
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['PUBLIC_URL', 'DATABASE_URL', 'SEED_DEMO', 'RATE_LIMIT_PER_MINUTE', 'RAZORPAY_BASE_URL'],
    )
    assert.doesNotMatch(lines.join(''), /\n|hunter2|vA4kq2|h7Gq2m/)
  })
})
