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

/** Making code of checks a little smaller takes longer than all else about them, and V8 does it anyhow. */
const CODE = { optimize: false }

// A body is what the client means, to the letter; a query string can only be text, so numbers in it are read.
const bodies = validator({ coerceTypes: false })
const queries = validator({ coerceTypes: 'array' })
const serializers = buildSerializers()({}, { ajv: { code: CODE } })

/** What was compiled, by what it does and the schema's text: schemas that say the same are compiled once in a process. */
const compiled = new Map<string, unknown>()

function once<T>(what: string, schema: object, compile: () => T): T {
  const key = `${what} ${JSON.stringify(schema)}`
  const known = compiled.get(key) as T | undefined
  if (known !== undefined) return known
  const made = compile()
  compiled.set(key, made)
  return made
}

/** Compilers for one application. */
export function createSchemaCompilers(): SchemaCompilers {
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
      const [kind, ajv] = httpPart === 'body' ? ['body', bodies] : ['query', queries]
      const what = `${method} ${url}, ${httpPart},`
      return validateWith(atFirstUse(what, () => once(kind, schema, () => ajv.compile(schema))))
    },
    serializerCompiler({ schema, method, url, httpStatus }) {
      const route = { schema, method, url: url ?? '', httpStatus: httpStatus ?? '' }
      const what = `${method} ${url}, answer ${httpStatus},`
      const write = atFirstUse(what, () => once<Serialize>('answer', schema, () => serializers(route)))
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
function validateWith(find: () => ValidateFunction) {
  const validate = (data: unknown, context?: Parameters<ValidateFunction>[1]) => {
    const check = find()
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
    code: CODE,
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
