/** With what a bundle can be loaded: a missing setting fails its start. Nothing of it is asked for by loading. */
export const BUNDLE_ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  STORE: 'dynamodb',
  TABLE_NAME: 'payments-bundle',
  CONTROL_TABLE_NAME: 'payment-control-bundle',
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/payment-queue-bundle',
  DLQ_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/payment-dlq-bundle',
  BUCKET_NAME: 'payment-audit-logs-bundle',
  FAILED_EVENTS_BUCKET: 'payment-failed-events-bundle',
  SECRET_ID: 'payment-db-credentials-bundle',
  DEPLOYMENT: 'bundle',
};
