import {
  type ConfigureNatOptions,
  type GatewayConfig,
  NatProvider,
  type PrivateSubnet,
  RouterType,
} from 'aws-cdk-lib/aws-ec2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Names } from '../names.ts';
import { NatInstance } from './nat-instance.ts';

export interface NatInstanceProviderProps {
  readonly names: Names;
  /**
   * Hears of each launch and loss of the instance.
   * @default - nobody
   */
  readonly notices?: ITopic;
}

/**
 * Makes the private subnets of a `Vpc` reach the internet through one small instance. About $7 a month (t4g.nano $3.07,
 * its address $3.65, 8 GiB $0.64) where a NAT gateway is $36 and $0.045 per GB. CDK's own provider does not fit: it
 * needs subnets that give every instance a public address, opens all ports, and takes IMDSv1.
 */
export class NatInstanceProvider extends NatProvider {
  readonly configuredGateways: GatewayConfig[] = [];
  readonly #props: NatInstanceProviderProps;

  constructor(props: NatInstanceProviderProps) {
    super();
    this.#props = props;
  }

  override configureNat({ vpc, natSubnets, privateSubnets }: ConfigureNatOptions): void {
    const [subnet] = natSubnets;
    if (!subnet) throw new Error('A NAT instance needs a public subnet. Give the Vpc natGateways: 1.');
    const nat = new NatInstance(vpc, 'NatInstance', { ...this.#props, vpc, subnet, from: privateSubnets });
    this.configuredGateways.push({ az: subnet.availabilityZone, gatewayId: nat.networkInterfaceId });
    for (const each of privateSubnets) this.configureSubnet(each);
  }

  override configureSubnet(subnet: PrivateSubnet): void {
    const [gateway] = this.configuredGateways;
    if (!gateway) throw new Error('The NAT instance is not there yet. Call configureNat first.');
    subnet.addRoute('DefaultRoute', {
      routerType: RouterType.NETWORK_INTERFACE,
      routerId: gateway.gatewayId,
      enablesInternetConnectivity: true,
    });
  }
}
