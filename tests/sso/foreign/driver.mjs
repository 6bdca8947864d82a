// A service with openid-client as docs/services.md shows it (service.mjs), asked over standard input: a line of JSON is
// {does, with}, the answer one of {got} or {refused}. What the page does not show is done by the library's own calls.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'
import * as service from './service.mjs'

const plain = (tokens) => ({ ...tokens, claims: undefined })
const acts = {
  start: (more) => service.start(more),
  back: async ({ address, kept }) => {
    const { tokens, ...rest } = await service.back(address, kept)
    return { tokens: plain(tokens), ...rest }
  },
  refresh: async ({ token }) => plain(await client.refreshTokenGrant(service.config, token)),
  told: ({ token, sub }) => client.fetchUserInfo(service.config, token, sub),
  revoke: ({ token }) => client.tokenRevocation(service.config, token),
  leave: (tokens) => service.leave(tokens),
  metadata: () => service.config.serverMetadata(),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { does, with: what } = JSON.parse(line)
  let answer
  try {
    answer = { got: (await acts[does](what)) ?? null }
  } catch (problem) {
    const { name, code, error, message, cause } = problem
    answer = { refused: { name, code, error: error ?? cause?.error, message } }
  }
  console.log(JSON.stringify(answer))
}
