/**
 * Loaded before each test file. Node's test runner follows every promise from its making until it is collected, to be able
 * to say which test it was that threw what nobody caught. Tests that ask servers and databases make promises by the
 * hundred thousand, and a tenth of all processor time went into this.
 *
 * Without it such an error fails its file as before, under no test's name. So it is printed here, with where it was thrown.
 */
import asyncHooks from 'node:async_hooks'

const { createHook } = asyncHooks
const nothing = { enable: () => nothing, disable: () => nothing }
// The runner takes this function when it is loaded, once; everybody else finds it as it was.
asyncHooks.createHook = () => nothing
await import('node:test')
asyncHooks.createHook = createHook

const print = (error) => console.error('Nobody caught', error)
process.on('uncaughtExceptionMonitor', print)
process.on('unhandledRejection', print)
