import * as v from 'valibot';
import { formatTable } from '../local/cli/table.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './operator-client.ts';

const NullableText = v.nullish(v.string(), null);
const CheckSchema = v.object({
  check: v.string(),
  destination: NullableText,
  result: v.string(),
  reason: NullableText,
  detail: NullableText,
  fix: NullableText,
});
type Check = v.InferOutput<typeof CheckSchema>;
const ReportSchema = v.object({
  checks: v.array(CheckSchema),
  continuation: v.nullish(v.record(v.string(), v.unknown()), null),
});

/**
 * Checks whether the stage works: alarms, secrets, caps, the endpoint, and a test webhook at each destination
 * that takes tests.
 * @throws CommandError when a check failed
 */
export async function checkStage(context: CommandContext): Promise<void> {
  const { call, terminal, isJson, destinations, stopSignal } = context;
  const checks: Check[] = [];
  let continuation: object | null = null;
  do {
    terminal.progress(
      checks.length === 0 ? 'Checking ...' : `${checks.length} checks done, waiting for the others`,
    );
    const report: v.InferOutput<typeof ReportSchema> = v.parse(
      ReportSchema,
      await call({
        command: 'check',
        destinations: destinations.map(({ name, id, takesTests }) => ({ name, id, takesTests })),
        ...(continuation !== null && { continuation }),
      }),
    );
    checks.push(...report.checks);
    ({ continuation } = report);
    if (stopSignal.aborted) throw new CommandError('Stopped. The test webhook goes its way.');
  } while (continuation !== null);
  terminal.progress(null);
  terminal.print(isJson ? JSON.stringify({ checks }, null, 2) : formatChecks(checks));
  const failed = checks.filter(({ result }) => result === 'failed').length;
  if (failed > 0) throw new CommandError(`${failed} of ${checks.length} checks failed.`);
}

const RESULTS: { readonly [result: string]: string } = {
  ok: 'ok',
  failed: 'FAILED',
  not_checked: 'not checked',
};

function formatChecks(checks: readonly Check[]): string {
  const table = formatTable([
    ['CHECK', 'RESULT', 'REASON', 'DETAIL'],
    ...checks.map(({ check, destination, result, reason, detail }) => [
      destination === null ? check : `${check} ${destination}`,
      RESULTS[result] ?? result,
      reason ?? '',
      detail ?? '',
    ]),
  ]);
  const fixes = new Map(
    checks.flatMap(({ reason, fix, result }) =>
      reason === null || fix === null || result === 'ok' ? [] : [[reason, fix]],
    ),
  );
  return [table, ...Array.from(fixes, ([reason, fix]) => `\n${reason}: ${fix}.`)].join('\n');
}
