import type { Resource } from '../../infra/checks/template-model.ts';
import { at, flatText, items } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheHour } from './standing.ts';

export const NETWORK: Registry = {
  'AWS::EC2::NatGateway': {
    fixed: (found) =>
      byTheHour({ component: 'network', what: 'NAT gateways', price: 'nat.hour', count: found.length }),
  },
  'AWS::EC2::EIP': {
    fixed: (found) =>
      byTheHour({ component: 'network', what: 'public addresses', price: 'ipv4', count: found.length }),
  },
  'AWS::EC2::VPCEndpoint': { fixed: endpoints },
  'AWS::EC2::FlowLog': { volume: 'records, by the calls that go out' },
  ...free(
    'the network itself costs nothing',
    'AWS::EC2::VPC',
    'AWS::EC2::Subnet',
    'AWS::EC2::RouteTable',
    'AWS::EC2::SubnetRouteTableAssociation',
    'AWS::EC2::Route',
    'AWS::EC2::InternetGateway',
    'AWS::EC2::VPCGatewayAttachment',
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::SecurityGroupEgress',
    'AWS::EC2::EIPAssociation',
    'AWS::EC2::NetworkInterface',
  ),
};

/** Those of S3 and DynamoDB are gateways, and free; the others are an interface in each subnet. */
function endpoints(found: readonly Resource[]): Part[] {
  const of = (type: string) =>
    found.filter(({ properties }) => (flatText(at(properties, 'VpcEndpointType')) || 'Gateway') === type);
  const interfaces = of('Interface');
  const known = [...of('Gateway'), ...interfaces];
  return [
    ...byTheHour({
      component: 'network',
      what: 'interface endpoints',
      price: 'vpce.if.hour',
      count: interfaces
        .map(({ properties }) => Math.max(1, items(at(properties, 'SubnetIds')).length))
        .reduce((sum, zones) => sum + zones, 0),
      note: 'one in each subnet',
    }),
    ...interfaces.map(({ id }) => ({ logicalId: id, why: 'the bytes through it are not in the model' })),
    ...found
      .filter((endpoint) => !known.includes(endpoint))
      .map(({ id, properties }) => ({
        logicalId: id,
        why: `an endpoint of type ${flatText(at(properties, 'VpcEndpointType'))}`,
      })),
  ];
}
