/** What proxies add to the requests that they pass on, so that one can tell whom they speak for. */
const PROXY_HEADER =
  /^(x-forwarded(-\w+)*|forwarded|via|x-real-ip|x-(original|client)(-\w+)*|true-client-ip|cf-connecting-ip)$/

/** @param name in lower case, as Node gives it */
export function isProxyHeader(name: string): boolean {
  return PROXY_HEADER.test(name)
}
