import type { BuildOptions } from 'esbuild';
import * as v from 'valibot';
import { parseSection } from '../serverless-config/parse-section.ts';

const StringListSchema = v.array(v.string());

/** The settings of serverless-esbuild: those for esbuild, and those that only concern the package. */
const SettingsSchema = v.strictObject({
  bundle: v.optional(v.literal(true)),
  minify: v.optional(v.boolean(), false),
  minifySyntax: v.optional(v.boolean(), false),
  minifyWhitespace: v.optional(v.boolean(), false),
  keepNames: v.optional(v.boolean(), false),
  treeShaking: v.optional(v.boolean(), true),
  platform: v.optional(v.literal('node')),
  target: v.optional(v.union([v.string(), StringListSchema]), 'node24'),
  format: v.optional(v.literal('cjs', 'only cjs is supported locally'), 'cjs'),
  mainFields: v.optional(StringListSchema, ['main', 'module']),
  conditions: v.optional(StringListSchema),
  alias: v.optional(v.record(v.string(), v.string()), {}),
  external: v.optional(StringListSchema, []),
  exclude: v.optional(StringListSchema, []),
  define: v.optional(v.record(v.string(), v.string()), {}),
  supported: v.optional(v.record(v.string(), v.boolean()), {}),
  sourcemap: v.optional(v.unknown()),
  sourcesContent: v.optional(v.unknown()),
  outputFileExtension: v.optional(v.unknown()),
  packager: v.optional(v.unknown()),
  packagerOptions: v.optional(v.unknown()),
  concurrency: v.optional(v.unknown()),
  zipConcurrency: v.optional(v.unknown()),
  nativeZip: v.optional(v.unknown()),
  keepOutputDirectory: v.optional(v.unknown()),
});

/**
 * Converts the settings of serverless-esbuild to options of esbuild, so that the same code runs locally
 * as is deployed. Only a source map is added, for readable stack traces; it leaves out the sources' text,
 * which would slow down the start of every environment.
 * @throws StartError for a setting that this conversion does not support
 */
export function toEsbuildOptions(settings: Readonly<Record<string, unknown>>): BuildOptions {
  const {
    minify,
    minifySyntax,
    minifyWhitespace,
    keepNames,
    treeShaking,
    target,
    format,
    mainFields,
    conditions,
    alias,
    define,
    supported,
    ...externals
  } = parseSection(SettingsSchema, settings, 'custom.esbuild');
  return {
    bundle: true,
    platform: 'node',
    minifySyntax: minify || minifySyntax,
    minifyWhitespace: minify || minifyWhitespace,
    minifyIdentifiers: minify,
    keepNames,
    treeShaking,
    target,
    format,
    mainFields,
    // an empty list is not the default: it switches off the condition `module`
    ...(conditions === undefined ? {} : { conditions }),
    alias,
    define,
    supported,
    external: [...externals.external, ...externals.exclude],
    sourcemap: 'inline',
    sourcesContent: false,
  };
}
