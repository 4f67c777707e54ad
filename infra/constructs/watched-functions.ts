import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './function-alarms.ts';
import { SHAPES } from './payment-functions.ts';

/**
 * The functions as alarms and dashboards know them: by their names, without a reference. Alarms roll the aliases back
 * that CloudFront calls, whose address other functions are told: by reference each would wait for the other.
 */
export class WatchedFunctions extends Construct {
  readonly all: Functions;

  constructor(scope: Construct, id: string, { names, edge }: { names: Names; edge: Settings['edge'] }) {
    super(scope, id);
    const named = (name: keyof typeof SHAPES): IFunction =>
      LambdaFunction.fromFunctionName(this, name, names.of(SHAPES[name].name));
    this.all = {
      api: named('api'),
      worker: named('worker'),
      relay: named('relay'),
      audit: named('audit'),
      sweep: named('sweep'),
      ...(edge === 'rest' && { authorizer: named('authorizer') }),
      rotation: named('rotation'),
    };
  }
}
