import { at, flatText, items } from '../nag/template-values.ts';
import { unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';

const ANYWHERE = ['0.0.0.0/0', '::/0'];

export const NETWORK_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 1: two zones have a public and a private /24 each, and give no instance a public address',
    find(template) {
      const subnets = template.ofType('AWS::EC2::Subnet');
      return [
        ...unless(subnets.length === 4, `${subnets.length} subnets`),
        ...subnets.flatMap((subnet) =>
          wants(subnet, subnet.id, { CidrBlock: /\/24$/, MapPublicIpOnLaunch: false }),
        ),
      ];
    },
  },
  {
    says: 'row 1: private subnets leave by one NAT: an instance in dev, a gateway in prod',
    find(template, { profile }) {
      const gateways = template.ofType('AWS::EC2::NatGateway').length;
      const instances = template.named('AWS::AutoScaling::AutoScalingGroup', 'payment-nat');
      return profile === 'prod'
        ? unless(gateways === 1 && !instances, `${gateways} NAT gateways in prod`)
        : [
            ...unless(gateways === 0, `${gateways} NAT gateways in dev`),
            ...wants(instances, 'payment-nat', { MinSize: '1', MaxSize: '1' }),
          ];
    },
  },
  {
    says: 'row 1: S3 and DynamoDB are reached by gateway endpoints in every private route table',
    find(template) {
      const endpoints = template.ofType('AWS::EC2::VPCEndpoint');
      return ['s3', 'dynamodb'].flatMap((service) => {
        const endpoint = endpoints.find(({ properties }) =>
          flatText(at(properties, 'ServiceName')).endsWith(`.${service}`),
        );
        const tables = items(at(endpoint?.properties, 'RouteTableIds')).length;
        return [
          ...wants(endpoint, `endpoint of ${service}`, { VpcEndpointType: 'Gateway' }),
          ...unless(tables === 2, `endpoint of ${service} is in ${tables} route tables`),
        ];
      });
    },
  },
  {
    says: 'row 1: the default security group is closed, and flows are logged',
    find: (template) => [
      ...unless(template.ofType('Custom::VpcRestrictDefaultSG').length === 1, 'the default group is open'),
      ...wants(template.ofType('AWS::EC2::FlowLog')[0], 'flow log', { ResourceType: 'VPC' }),
    ],
  },
  {
    says: 'row 2: functions and fleet let nothing in, and only 443 out',
    find: (template) =>
      ['lambda-sg', 'ec2-sg'].flatMap((name) =>
        wants(template.named('AWS::EC2::SecurityGroup', name), name, {
          SecurityGroupIngress: null,
          SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }],
        }),
      ),
  },
  {
    says: 'row 2: no security group lets anything in from the internet',
    find(template) {
      const rules = [
        ...template
          .ofType('AWS::EC2::SecurityGroup')
          .flatMap((group) =>
            items(at(group.properties, 'SecurityGroupIngress')).map((rule) => ({ id: group.id, rule })),
          ),
        ...template
          .ofType('AWS::EC2::SecurityGroupIngress')
          .map(({ id, properties: rule }) => ({ id, rule })),
      ];
      return rules
        .filter(({ rule }) =>
          [at(rule, 'CidrIp'), at(rule, 'CidrIpv6')].some((cidr) => ANYWHERE.includes(flatText(cidr))),
        )
        .map(({ id }) => `${id} is open to the internet`);
    },
  },
  {
    says: 'row 2: no instance and no function stands in a public subnet or gets a public address',
    find: (template) => [
      ...template
        .ofType('AWS::EC2::LaunchTemplate')
        .flatMap(({ id, properties }) =>
          items(at(properties, 'LaunchTemplateData', 'NetworkInterfaces')).flatMap((card) =>
            unless(at(card, 'AssociatePublicIpAddress') !== true, `${id} gives a public address`),
          ),
        ),
      ...[
        ...template
          .ofType('AWS::Lambda::Function')
          .map((fn) => [fn.id, at(fn.properties, 'VpcConfig', 'SubnetIds')]),
        ...template
          .ofType('AWS::AutoScaling::AutoScalingGroup')
          .map((group) => [group.id, at(group.properties, 'VPCZoneIdentifier')]),
      ].flatMap(([id, subnets]) =>
        unless(!/public/i.test(flatText(subnets)), `${String(id)} stands in a public subnet`),
      ),
    ],
  },
];
