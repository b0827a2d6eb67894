import { defineEvents } from './define-events.ts'

export const abTestingEvents = defineEvents({
  'Experiment Viewed': {
    description: 'Someone saw a variation of an experiment.',
    properties: {
      experiment_id: { type: 'string', description: 'Id of the experiment.' },
      experiment_name: { type: 'string', description: 'Name of the experiment.' },
      variation_id: { type: 'string', description: 'Id of the variation.', aliases: ['variant_id'] },
      variation_name: { type: 'string', description: 'Name of the variation.', aliases: ['variant_name'] },
    },
  },
})
