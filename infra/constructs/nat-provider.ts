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
  #nat: NatInstance | undefined;

  constructor(props: NatInstanceProviderProps) {
    super();
    this.#props = props;
  }

  override configureNat({ vpc, natSubnets, privateSubnets }: ConfigureNatOptions): void {
    const [subnet] = natSubnets;
    if (!subnet) throw new Error('A NAT instance needs a public subnet. Give the Vpc natGateways: 1.');
    this.#nat = new NatInstance(vpc, 'NatInstance', { ...this.#props, vpc, subnet, from: privateSubnets });
    const { networkInterfaceId: gatewayId } = this.#nat;
    this.configuredGateways.push({ az: subnet.availabilityZone, gatewayId });
    for (const each of privateSubnets) this.configureSubnet(each);
  }

  override configureSubnet(subnet: PrivateSubnet): void {
    if (!this.#nat) throw new Error('The NAT instance is not there yet. Call configureNat first.');
    subnet.addRoute('DefaultRoute', {
      routerType: RouterType.NETWORK_INTERFACE,
      routerId: this.#nat.networkInterfaceId,
      enablesInternetConnectivity: true,
    });
    // The interface is there minutes before the instance. Whoever waits for the route is to find the internet behind it:
    // the first rotation, and servers that install packages.
    subnet.node.findChild('DefaultRoute').node.addDependency(this.#nat.group);
  }
}
