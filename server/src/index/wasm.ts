/** WebAssembly that is in a bundle, as base64 (scripts/wasm.mjs). */

// Neither es2023 nor Node's types declare it.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Record<string, unknown> };
};

/** A global that is exported. */
export interface Value {
  readonly value: number;
}

/** What all of ours export. */
interface Wasm {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** Its functions, and numbers that stand for constants and results. */
export class WasmExports<Functions> {
  private readonly all: Record<string, unknown>;
  readonly functions: Functions & Wasm;

  /** @throws where WebAssembly, or its SIMD, cannot be had */
  constructor(base64: string) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64')));
    this.all = exports;
    this.functions = exports as unknown as Functions & Wasm;
  }

  /** It may change with each call. */
  global(name: string): Value {
    return this.all[name] as Value;
  }

  constant(name: string): number {
    return this.global(name).value;
  }

  get buffer(): ArrayBuffer {
    return this.functions.memory.buffer;
  }
}

/**
 * What is made of it when it is first asked for, once in each thread; undefined where WebAssembly, or its SIMD, cannot be had: who asks has
 * another way.
 */
export function onDemand<Functions, Made>(base64: string, make: (wasm: WasmExports<Functions>) => Made): () => Made | undefined {
  let made: { readonly value: Made | undefined } | undefined;
  const create = (): Made | undefined => {
    try {
      return make(new WasmExports<Functions>(base64));
    } catch {
      return undefined;
    }
  };
  return () => {
    made ??= { value: create() };
    return made.value;
  };
}
