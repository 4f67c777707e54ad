/** One broken resource for each rule of the pack, as a template has them. Nobody deploys this. */
export const CANARY_RESOURCES: Readonly<
  Record<string, { Type: string; Properties: Record<string, unknown> }>
> = {
  Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } },
  FromQueue: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      FunctionName: { Ref: 'Worker' },
    },
  },
  FromStream: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      FunctionName: { Ref: 'Worker' },
      StartingPosition: 'LATEST',
    },
  },
  Url: {
    Type: 'AWS::Lambda::Url',
    Properties: { AuthType: 'NONE', TargetFunctionArn: { Ref: 'Worker' } },
  },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
  },
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'canary' } },
  Domain: {
    Type: 'AWS::ApiGateway::BasePathMapping',
    Properties: { DomainName: 'pay.example.com', RestApiId: { Ref: 'Api' } },
  },
  Stage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      RestApiId: { Ref: 'Api' },
      DeploymentId: 'none',
      StageName: 'prod',
      MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', DataTraceEnabled: true, LoggingLevel: 'INFO' }],
    },
  },
  Firewall: {
    Type: 'AWS::WAFv2::WebACL',
    Properties: {
      DefaultAction: { Allow: {} },
      Scope: 'REGIONAL',
      VisibilityConfig: { CloudWatchMetricsEnabled: true, MetricName: 'm', SampledRequestsEnabled: false },
      Rules: [],
    },
  },
  Distribution: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Origins: [{ Id: 'url', DomainName: 'canary.lambda-url.us-east-1.on.aws' }],
        DefaultCacheBehavior: { TargetOriginId: 'url', ViewerProtocolPolicy: 'allow-all' },
      },
    },
  },
  Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: ['a', 'b'] } },
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
  Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: {} } },
  Instance: {
    Type: 'AWS::EC2::Instance',
    Properties: { NetworkInterfaces: [{ DeviceIndex: '0', AssociatePublicIpAddress: true }] },
  },
  Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
  LoudAlarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmActions: [{ Ref: 'Topic' }],
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Threshold: 1,
    },
  },
  SilentAlarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Threshold: 1 },
  },
  ConfigRule: {
    Type: 'AWS::Config::ConfigRule',
    Properties: { Source: { Owner: 'AWS', SourceIdentifier: 'S3_IS_FINE' } },
  },
  EventRule: {
    Type: 'AWS::Events::Rule',
    Properties: { EventPattern: { source: ['aws.ce'], 'detail-type': ['Cost Anomaly'] } },
  },
  Policy: {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'dynamodb:TransactWriteItems', Resource: '*' }],
      },
    },
  },
};
