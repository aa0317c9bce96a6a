import { replies, Success } from '../../shared/contract/envelope.ts'
import { Wallet } from '../../shared/contract/payments.ts'
import { Type } from 'typebox'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { getWallet } from './service.ts'

export function registerWalletRoutes(app: App, deps: Deps, accounts: Accounts): void {
  app.get(
    '/api/wallet',
    {
      schema: {
        tags: ['Wallet'],
        summary: "One's own balances and their newest transfers",
        response: replies(Success(Type.Object({ wallet: Wallet }))),
      },
    },
    async (request) => {
      const principal = await accounts.require(request)
      return { success: true as const, data: { wallet: await getWallet(deps.db, principal.userId) } }
    },
  )
}
