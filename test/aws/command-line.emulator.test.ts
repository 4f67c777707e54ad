import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStreamReader } from '../../src/adapters/dynamodb/stream-feed.fixture.ts';
import { createLineLogger } from '../../src/adapters/lines/line-logger.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import type { Worker } from '../../src/app/work.ts';
import { type Ran, runIn } from '../../src/cli/cli.fixture.ts';
import type { AuthorizerContext } from '../../src/lambda/authorizer-context.ts';
import { proxyEvent, tokenEvent } from '../../src/lambda/events.fixture.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import { apiHandler } from '../../src/wiring-aws/api.ts';
import { auditHandler } from '../../src/wiring-aws/audit.ts';
import { authorizerHandler } from '../../src/wiring-aws/authorizer.ts';
import { awsBase, awsQueue, awsStore } from '../../src/wiring-aws/parts.ts';
import { relayHandler } from '../../src/wiring-aws/relay.ts';
import { awsWorker } from '../../src/wiring-aws/worker.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type ParameterStoreStandIn, startParameterStore } from '../emulators/parameter-store.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';

/** Nobody listens there: what is asked is refused at once. */
const NOWHERE = 'http://127.0.0.1:1';

/** The settings of a deployment, by the names of the parameters that its stack makes. */
const PARAMETERS: Readonly<Record<string, string>> = {
  'table-name': 'TABLE_NAME',
  'control-table-name': 'CONTROL_TABLE_NAME',
  'simulator-table-name': 'SIMULATOR_TABLE_NAME',
  'queue-url': 'QUEUE_URL',
  'dlq-url': 'DLQ_URL',
  'bucket-name': 'BUCKET_NAME',
  'failed-events-bucket': 'FAILED_EVENTS_BUCKET',
  'secret-id': 'SECRET_ID',
  'api-url': 'PUBLIC_URL',
};

describe.skipIf(javaMissing)('the command line on AWS', () => {
  let cloud: Cloud;
  let queue: WorkQueue;
  let worker: Worker;
  let readStream: ReturnType<typeof createStreamReader>;
  let relay: ReturnType<typeof relayHandler>;
  let audit: ReturnType<typeof auditHandler>;
  let parameterStore: ParameterStoreStandIn;

  beforeAll(async () => {
    // Long enough for the simulator on a busy machine, and short for those tokens that it never answers.
    cloud = await startCloud({ PSP_TIMEOUT_MS: '1000' });
    const base = awsBase(cloud.config, createLineLogger('silent', createSystemClock()));
    const parts = awsStore(base);
    queue = awsQueue(base, parts);
    worker = await awsWorker(base, parts, queue, () => undefined);
    relay = relayHandler(cloud.config);
    audit = auditHandler(cloud.config);
    readStream = createStreamReader(cloud.dynamo.endpoint, cloud.config.TABLE_NAME);
    parameterStore = await startParameterStore(
      Object.fromEntries(
        Object.entries(PARAMETERS).map(([name, setting]) => [
          `/payment/dev123/${name}`,
          process.env[setting] as string,
        ]),
      ),
    );
  }, 90_000);

  afterAll(async () => {
    await Promise.all([cloud.stop(), parameterStore.stop()]);
  });

  /** @param settings over those of the deployment; undefined takes one away */
  function run(
    argv: string,
    settings: Record<string, string | undefined> = {},
    input?: string,
  ): Promise<Ran> {
    return runIn({ ...process.env, ...settings }, argv.split(' '), input);
  }

  /** Sets variables that the SDK itself reads, for as long as the work takes. */
  async function within<T>(settings: Record<string, string | undefined>, work: () => Promise<T>): Promise<T> {
    const before = Object.fromEntries(Object.keys(settings).map((name) => [name, process.env[name]]));
    const set = (values: Record<string, string | undefined>) => {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    };
    set(settings);
    try {
      return await work();
    } finally {
      set(before);
    }
  }

  /** Does what the deployment's functions do with all that was accepted. */
  async function carryOut(passes = Number.POSITIVE_INFINITY): Promise<void> {
    for (let pass = 0; pass < passes; pass += 1) {
      const records = (await readStream()) as DynamoDBRecord[];
      const images = records.filter(({ dynamodb }) => dynamodb?.NewImage?.record !== undefined);
      await relay({ Records: images.filter(({ dynamodb }) => dynamodb?.NewImage?.dispatch !== undefined) });
      await audit({ Records: images });
      const worked = await worker.step();
      if (worked + records.length === 0) return;
    }
  }

  async function bury(payment_id: string): Promise<string> {
    const item = { merchant_id: 'demo', livemode: false, payment_id, operation_id: 'charge.1', attempt: 1 };
    await queue.deadLetter(item, 'unknown for a week');
    const letters = await queue.deadLetters(10);
    return letters.find(({ item: { payment_id: id } }) => id === payment_id)?.id as string;
  }

  it('makes the first key of a deployment, with which payments are taken until it is revoked', async () => {
    const made = await run('keys create --merchant shop --mode test --json');
    expect([made.exit, made.err]).toEqual([0, '']);
    const { key, key_id } = made.json() as { key: string; key_id: string };
    const allowed = await authorizerHandler(cloud.config)(tokenEvent(`Bearer ${key}`));
    const api = await apiHandler(cloud.config);
    const created = await api(
      proxyEvent({
        method: 'POST',
        path: '/payments',
        headers: [
          ['Authorization', `Bearer ${key}`],
          ['Content-Type', 'application/json'],
        ],
        body: JSON.stringify({ payment_id: 'first', amount: 500 }),
        context: allowed.context as unknown as AuthorizerContext,
      }),
    );
    expect([created.statusCode, JSON.parse(created.body)]).toMatchObject([201, { payment_id: 'first' }]);
    expect((await run('payments show first --merchant shop --json')).json()).toMatchObject({
      history: [{ actor: key_id }],
    });

    expect((await run('keys list --json')).json().data).toMatchObject([
      { key_id, merchant_id: 'shop', state: 'active' },
    ]);
    expect(await run(`keys revoke ${key}`)).toMatchObject({ exit: 0, err: '' });
    expect((await run('keys list')).out).toMatch(new RegExp(`^${key_id} +shop +test +revoked`, 'm'));
    const denied = await authorizerHandler(cloud.config)(tokenEvent(`Bearer ${key}`));
    expect(denied.policyDocument.Statement[0]?.Effect).toBe('Deny');
    expect(await run('keys revoke nobodys')).toMatchObject({ exit: 3 });
  });

  it('creates, shows, lists and refunds payments, which the functions carry out', async () => {
    const created = await run('payments create --amount 1000 --payment-id order-1 --json');
    // Nobody has to be told that no server runs: the functions are always there.
    expect([created.exit, created.err]).toEqual([0, '']);
    expect(created.json()).toMatchObject({ status: 'processing', history: [{ actor: 'operator' }] });
    await carryOut();
    expect((await run('payments show order-1')).out).toMatch(/completed/);

    const refund = 'refund order-1 --amount 250 --refund-id r-1 --json';
    expect((await run(refund)).json()).toMatchObject({ refund_id: 'r-1', status: 'pending' });
    await carryOut();
    expect((await run(refund)).json()).toMatchObject({ refund_id: 'r-1', status: 'succeeded' });
    const tooMuch = await run('refund order-1 --amount 800 --refund-id r-2');
    expect([tooMuch.exit, tooMuch.out]).toEqual([1, '']);
    expect(tooMuch.err).toMatch(/^refund_exceeds_captured/);
    const listed = (await run('payments list --status completed --json')).json();
    expect(listed.data).toMatchObject([{ payment_id: 'order-1', amount_refunded: 250 }]);
    expect(await run('payments show order-9')).toMatchObject({ exit: 3, out: '' });
  });

  it('imports rows, the same ones again without a second charge', async () => {
    const rows = Array.from({ length: 25 }, (_, n) =>
      JSON.stringify({ payment_id: `row-${n}`, amount: 100 + n }),
    ).join('\n');
    for (let time = 0; time < 2; time += 1) {
      const ran = await run('payments create --merchant rows --json', {}, rows);
      expect([ran.exit, ran.json()]).toMatchObject([
        0,
        time === 0 ? { accepted: 25 } : { already_there: 25 },
      ]);
    }
    const first = (await run('payments list --merchant rows --limit 20 --json')).json();
    const rest = await run(`payments list --merchant rows --limit 20 --cursor ${first.next_cursor} --json`);
    expect([first.data, rest.json().data].map((page) => (page as unknown[]).length)).toEqual([20, 5]);
    await carryOut();
  });

  it('lists dead letters and sends one again, or settles it by hand', async () => {
    for (const id of ['lost-1', 'lost-2'])
      await run(`payments create --amount 5 --payment-id ${id} --payment-method pm_sim_timeout`);
    // Once: on a slow machine the look-up two seconds later would be in a second pass.
    await carryOut(1);
    expect((await run('payments show lost-1 --json')).json()).toMatchObject({ status: 'processing' });
    expect((await run('dead-letters list')).out).toBe('No dead letters.\n');
    const id = await bury('lost-1');
    await bury('lost-2');
    const listed = await run('dead-letters list --json');
    expect(listed.json()).toMatchObject({ count: 2, data: [{ id }, { payment_id: 'lost-2' }] });

    expect(await run('dead-letters redrive nobodys')).toMatchObject({ exit: 3, out: '' });
    const sent = await run(`dead-letters redrive ${id} --json`);
    expect([sent.exit, sent.err, sent.json()]).toEqual([0, '', { sent: [id], needs_resolve: [] }]);
    await carryOut();
    expect((await run('payments show lost-1 --json')).json()).toMatchObject({ status: 'completed' });

    const resolved = await run('payments resolve lost-2 --as failed --reason asked --json');
    expect([resolved.exit, resolved.json()]).toMatchObject([0, { status: 'failed' }]);
    expect((await run('dead-letters list --json')).json()).toMatchObject({ count: 0, data: [] });
    await carryOut();
  });

  it('proves and exports the audit log', async () => {
    await run('payments create --amount 7 --payment-id audited');
    await carryOut();
    const verified = (await run('audit verify --json')).json() as { records: number; head: string };
    expect(verified).toMatchObject({ ok: true, records: expect.any(Number) });
    expect(await run(`audit verify --head ${verified.head}`)).toMatchObject({ exit: 0, err: '' });
    const foreign = await run(`audit verify --head ${'f'.repeat(64)}`);
    expect([foreign.exit, foreign.out]).toEqual([1, expect.stringMatching(/BROKEN/)]);
    const exported = await run('audit export --payment audited --merchant demo');
    const versions = exported.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).version);
    expect([exported.exit, versions]).toEqual([0, [1, 2]]);
  });

  describe('with --environment', () => {
    /** As at a person's: nothing but the suffix tells where the deployment is. */
    const nothing = Object.fromEntries(
      ['STORE', 'DEPLOYMENT', ...Object.values(PARAMETERS)].map((name) => [name, undefined]),
    );
    const find = (argv: string) =>
      within({ AWS_ENDPOINT_URL_SSM: parameterStore.endpoint }, () => run(argv, nothing));

    it('finds the deployment by its parameters', async () => {
      const created = await find('payments create --environment dev123 --amount 5 --payment-id found --json');
      expect([created.exit, created.err]).toEqual([0, '']);
      expect((await run('payments show found --json')).json()).toMatchObject({ payment_id: 'found' });
      expect(await find('audit verify --environment dev123')).toMatchObject({ exit: 0 });
      expect(await find('dead-letters list --environment dev123')).toMatchObject({ exit: 0 });
    });

    it('says that there is no such deployment', async () => {
      const ran = await find('keys list --environment dev124');
      expect([ran.exit, ran.out]).toEqual([2, '']);
      expect(ran.err).toMatch(/no deployment "dev124".*AWS_REGION/);
      expect((await find('keys list --environment DEV_1')).err).toMatch(/--environment is "DEV_1"/);
    });

    it.each(['--store sqlite', '--data-dir ./data'])('does not take %s too', async (flag) => {
      const ran = await find(`keys list --environment dev123 ${flag}`);
      expect([ran.exit, ran.out]).toEqual([2, '']);
      expect(ran.err).toMatch(/Leave one of them out/);
    });

    it('does not serve a folder in its place', async () => {
      const ran = await find('serve --environment dev123 --store sqlite');
      expect([ran.exit, ran.err]).toEqual([2, expect.stringMatching(/Leave one of them out/)]);
    });

    it('says what could not be reached', async () => {
      const ran = await within({ AWS_ENDPOINT_URL_SSM: NOWHERE }, () =>
        run('keys list --environment dev123 --json', nothing),
      );
      expect([ran.exit, ran.out]).toEqual([4, '']);
      expect(JSON.parse(ran.err)).toMatchObject({
        error: 'fault',
        message: expect.stringMatching(/parameters of the deployment "dev123".*ECONNREFUSED/),
      });
    });
  });

  it('says how to name a deployment when none is named', async () => {
    const ran = await run('keys list --store dynamodb', { TABLE_NAME: '' });
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/TABLE_NAME.*--environment/);
    const half = await run('keys list', { BUCKET_NAME: '' });
    expect([half.exit, half.err]).toEqual([2, 'BUCKET_NAME is not set. Give the bucket of the audit log.\n']);
  });

  it.each([
    'keys create --merchant shop --mode test',
    'keys list',
    'payments show order-1',
    'payments list',
    'refund order-1',
    'dead-letters list',
    'audit verify',
    'audit export',
  ])('calls it a fault, in one line, when the tables are not reached: %s', async (argv) => {
    const ran = await within({ AWS_ENDPOINT_URL_DYNAMODB: NOWHERE }, () => run(argv));
    expect([ran.exit, ran.out]).toEqual([4, '']);
    expect(ran.err).toMatch(/^.*ECONNREFUSED.*\. Nothing is lost: run the command again\.\n$/);
  });

  it('says what of AWS is not set up on this machine', async () => {
    const noRegion = await within({ AWS_REGION: undefined, AWS_CONFIG_FILE: '/dev/null' }, () =>
      run('keys list'),
    );
    expect([noRegion.exit, noRegion.err]).toEqual([2, expect.stringMatching(/^No AWS region.*AWS_REGION/)]);
    const none = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
    const noKeys = await within(none, () => run('keys list'));
    expect([noKeys.exit, noKeys.err]).toEqual([2, expect.stringMatching(/no AWS credentials.*AWS_PROFILE/)]);
    const noTable = await run('keys list', { TABLE_NAME: 'payments-nowhere' });
    expect([noTable.exit, noTable.err]).toEqual([2, expect.stringMatching(/non-existent table.*AWS_REGION/)]);
  });

  it.each(['doctor', 'backup ./never-made'])('refuses what works on a folder alone: %s', async (argv) => {
    for (const ran of [
      await run(argv),
      await run(`${argv} --store dynamodb`, { STORE: undefined }),
      await run(`${argv} --environment dev123`, { STORE: undefined }),
    ]) {
      expect([ran.exit, ran.out]).toEqual([2, '']);
      expect(ran.err).toMatch(/^This command works on a data folder, and not on AWS/);
    }
  });
});
