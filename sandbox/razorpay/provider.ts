/** Razorpay as one of the sandbox's providers: keys, books, webhooks, API, checkout and control under `/razorpay`. */
import type { SimulatedProvider } from '../provider.ts'
import { Outbox } from '../webhooks/outbox.ts'
import type { World } from '../world.ts'
import { registerCheckout } from './checkout-routes.ts'
import { registerRazorpayControl } from './control-routes.ts'
import { registerRest } from './routes.ts'
import { DEFAULT_SETTINGS, PROVIDER, type RazorpayKeys, type Shop } from './shop.ts'
import { performStep } from './step-actions.ts'
import { resumeSteps } from './steps.ts'
import { razorpayTables } from './tables.ts'
import { webhookPolicy } from './webhook-policy.ts'

const KEYS_SETTING = 'razorpay.keys'
const ACCOUNT_SETTING = 'razorpay.account'

export interface RazorpayProvider extends SimulatedProvider {
  keys(): RazorpayKeys & Record<string, string>
}

/** @param given keys that win over those in the books, and the receiver that is named at start */
export function createRazorpay(
  world: World,
  given: { keys: Partial<RazorpayKeys>; webhookUrl?: string; publicOrigin?: string },
): RazorpayProvider {
  const tables = razorpayTables(world.books.db)
  const outbox = new Outbox(world, PROVIDER, webhookPolicy, () => shop.keys.webhookSecret)
  const shop: Shop = {
    world,
    tables,
    outbox,
    accountId: keepAccountId(world),
    keys: keepKeys(world, given.keys),
    publicOrigin: given.publicOrigin,
    settings: { ...DEFAULT_SETTINGS },
    performStep: (step) => performStep(shop, step),
  }
  if (given.webhookUrl !== undefined) outbox.receivers.configure(given.webhookUrl)

  return {
    name: PROVIDER,
    keys: () => ({ ...shop.keys }),
    register(scope) {
      scope.register(
        (rest, _options, done) => {
          registerRest(rest, shop)
          done()
        },
        { prefix: '/v1' },
      )
      registerCheckout(scope, shop)
      registerRazorpayControl(scope, shop, (keys) => {
        shop.keys = keepKeys(world, keys)
      })
    },
    resume() {
      tables.deleteOpenRefundKeys()
      outbox.resume()
      resumeSteps(shop)
    },
    reset() {
      tables.clear()
      outbox.clear()
      shop.settings = { ...DEFAULT_SETTINGS }
    },
    close: () => outbox.close(),
  }
}

/** Keys are made once; a new start of the same books has the same ones. */
function keepKeys(world: World, given: Partial<RazorpayKeys>): RazorpayKeys {
  const kept = world.books.setting(KEYS_SETTING)
  const known: Partial<RazorpayKeys> = kept === undefined ? {} : JSON.parse(kept)
  const keys: RazorpayKeys = {
    keyId: given.keyId ?? known.keyId ?? `rzp_test_${world.ids.text(14)}`,
    keySecret: given.keySecret ?? known.keySecret ?? world.ids.text(24),
    webhookSecret: given.webhookSecret ?? known.webhookSecret ?? world.ids.text(32),
  }
  world.books.putSetting(KEYS_SETTING, JSON.stringify(keys))
  return keys
}

function keepAccountId(world: World): string {
  const kept = world.books.setting(ACCOUNT_SETTING)
  if (kept !== undefined) return kept
  const made = `acc_${world.ids.text(14)}`
  world.books.putSetting(ACCOUNT_SETTING, made)
  return made
}
