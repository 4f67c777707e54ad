/** The tags on everything: who pays, who answers, and what kind of data it holds. AWS Config asks for them. */
export const TAG_KEYS = ['Project', 'Environment', 'Owner', 'CostCenter', 'DataClass'] as const;
