/**
 * Compilers of the schemas that requests are checked against and answers are written by. A schema is compiled when it is
 * first used: compiling them all is most of a start, and most processes need few. A server compiles the rest once it
 * listens (`compileAll`), between requests, so that no shopper waits for it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import buildSerializers from '@fastify/fast-json-stringify-compiler'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchema, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'
import { ANY_CASE } from '../../shared/contract/envelope.ts'

export interface SchemaCompilers {
  validatorCompiler: FastifySchemaCompiler<FastifySchema>
  serializerCompiler: FastifySerializerCompiler<FastifySchema>
  /**
   * Compiles what no request has needed yet, one at a time, and lets the process do something else after each.
   *
   * @throws Error when a schema cannot be compiled, with the route that it belongs to
   */
  compileAll(): Promise<void>
}

type Serialize = (data: unknown) => string

/** Compilers for one application. */
export function createSchemaCompilers(): SchemaCompilers {
  // A body is what the client means, to the letter; a query string can only be text, so numbers in it are read.
  const body = validator({ coerceTypes: false })
  const query = validator({ coerceTypes: 'array' })
  const serializers = buildSerializers()({}, {})
  /** Routes share the schema of refusals. */
  const writers = new Map<unknown, () => Serialize>()
  const all: (() => unknown)[] = []

  /** Puts off `make` until it is first asked for. One that fails does so each time. */
  function atFirstUse<T>(what: string, make: () => T): () => T {
    let made: { value: T } | undefined
    const get = () => {
      try {
        made ??= { value: make() }
      } catch (error) {
        throw new Error(`the schema of ${what} cannot be compiled`, { cause: error })
      }
      return made.value
    }
    all.push(get)
    return get
  }

  return {
    validatorCompiler({ schema, httpPart, method, url }) {
      const compiled = atFirstUse(`${method} ${url}, ${httpPart},`, () =>
        (httpPart === 'body' ? body : query).compile(schema),
      )
      return validateWith(compiled)
    },
    serializerCompiler(route) {
      const { schema, method, url, httpStatus } = route
      const write =
        writers.get(schema) ??
        atFirstUse(`${method} ${url}, answer ${httpStatus},`, () =>
          serializers({ schema, method, url: url ?? '', httpStatus: httpStatus ?? '' }),
        )
      writers.set(schema, write)
      return (data) => write()(data)
    },
    async compileAll() {
      for (const compile of all) {
        compile()
        await nextTurn()
      }
    },
  }
}

/** A validator as Fastify knows them from Ajv: it says yes or no, keeps what was wrong, and is given the value's parent. */
function validateWith(compiled: () => ValidateFunction) {
  const validate = (data: unknown, context?: Parameters<ValidateFunction>[1]) => {
    const check = compiled()
    const valid = check(data, context)
    validate.errors = check.errors
    return valid
  }
  validate.errors = undefined as ValidateFunction['errors']
  // By this Fastify knows a validator that may have to replace the whole value.
  validate.schemaEnv = true
  return validate
}

function validator(options: { coerceTypes: false | 'array' }): Ajv {
  const ajv = new Ajv({
    ...options,
    useDefaults: true,
    removeAdditional: false,
    allErrors: false,
    strict: false,
    // Making the checks' code a little smaller takes longer than all else about them, and V8 does it anyhow.
    code: { optimize: false },
  })
  ;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
  // As PostgreSQL reads them and we write them: no urn: in front.
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  // An id is the same in capitals, wherever it is compared, looked up or digested: from here on there is one spelling.
  ajv.addKeyword({
    keyword: ANY_CASE,
    type: 'string',
    modifying: true,
    validate(
      _schema: unknown,
      text: string,
      _parent?: unknown,
      place?: { parentData: unknown; parentDataProperty: string | number },
    ) {
      if (place !== undefined)
        (place.parentData as Record<string | number, string>)[place.parentDataProperty] = text.toLowerCase()
      return true
    },
  })
  return ajv
}
