import type { buildApp } from 'fauxqs';
import * as v from 'valibot';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Constructor<Kind extends keyof Stores> = new () => Stores[Kind];

const isClass = (value: unknown): boolean => typeof value === 'function';
const ModulesSchema = v.object({
  SqsStore: v.custom<Constructor<'sqsStore'>>(isClass),
  SnsStore: v.custom<Constructor<'snsStore'>>(isClass),
  S3Store: v.custom<Constructor<'s3Store'>>(isClass),
});

/** Where the emulator finds its classes; it exports none of them. */
const MODULES = ['./sqs/sqsStore.js', './sns/snsStore.js', './s3/s3Store.js'];

/** What the emulator keeps its messages in, made outside of it so that it can be looked into. */
export async function createStores(): Promise<Stores> {
  const entry = import.meta.resolve('fauxqs');
  const loaded: unknown[] = await Promise.all(
    MODULES.map((file) => import(new URL(file, entry).href)),
  );
  const { SqsStore, SnsStore, S3Store } = v.parse(ModulesSchema, Object.assign({}, ...loaded));
  return { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
}
