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
export interface Wasm {
  readonly memory: { readonly buffer: ArrayBuffer };
}

export class WasmExports<Functions> {
  /** With them: numbers that stand for constants and results. */
  private constructor(
    readonly functions: Functions & Wasm,
    private readonly all: Record<string, unknown>,
  ) {}

  /** Undefined where WebAssembly, or its SIMD, cannot be had. */
  static of<Functions>(base64: string): WasmExports<Functions> | undefined {
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64')));
      return new WasmExports(exports as unknown as Functions & Wasm, exports);
    } catch {
      return undefined;
    }
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
