import { defineProperties } from '../property.ts'

/** Traits of a user that have a fixed meaning, in identify and in `context.traits`. */
export const userTraits = defineProperties({
  address: {
    type: 'object',
    description: 'Address.',
    properties: {
      city: { type: 'string', description: 'City.' },
      country: { type: 'string', description: 'Country.' },
      postalCode: { type: 'string', description: 'Postal code.' },
      state: { type: 'string', description: 'State or region.' },
      street: { type: 'string', description: 'Street.' },
    },
  },
  age: { type: 'number', description: 'Age.' },
  avatar: { type: 'url', description: 'Picture.' },
  birthday: { type: 'datetime', description: 'Day of birth.' },
  company: {
    type: 'object',
    description: 'Company that the user works for.',
    properties: {
      name: { type: 'string', description: 'Company name.' },
      id: { type: 'string', accepts: ['number'], description: 'Company id.' },
      industry: { type: 'string', description: 'Industry.' },
      employee_count: { type: 'number', description: 'Head count.' },
      plan: { type: 'string', description: 'Plan.' },
    },
  },
  createdAt: { type: 'datetime', description: 'When the account was created.', aliases: ['created_at'] },
  description: { type: 'string', description: 'Description.' },
  email: { type: 'string', description: 'Email address.' },
  firstName: { type: 'string', description: 'First name.', aliases: ['first_name'] },
  gender: { type: 'string', description: 'Gender.' },
  id: { type: 'string', description: 'Id in the database of the sender.' },
  lastName: { type: 'string', description: 'Last name.', aliases: ['last_name'] },
  name: { type: 'string', description: 'Full name.' },
  phone: { type: 'string', description: 'Phone number.' },
  title: { type: 'string', description: 'Position in the company.' },
  username: { type: 'string', description: 'User name, unique.' },
  website: { type: 'url', description: 'Website.' },
  cio_subscription_preferences: { type: 'object', description: 'Customer.io: subscriptions by topic and channel.' },
  unsubscribed: {
    type: 'boolean',
    accepts: ['string', 'number'],
    description: 'Customer.io: whether the user wants no messages; true, 1 and their texts count.',
  },
})

/** Traits of a group that have a fixed meaning. */
export const groupTraits = defineProperties({
  address: {
    type: 'object',
    description: 'Address.',
    properties: {
      city: { type: 'string', description: 'City.' },
      country: { type: 'string', description: 'Country.' },
      postalCode: { type: 'string', description: 'Postal code.' },
      state: { type: 'string', description: 'State or region.' },
      street: { type: 'string', description: 'Street.' },
    },
  },
  avatar: { type: 'url', description: 'Picture.' },
  createdAt: { type: 'datetime', description: 'When the group was created.', aliases: ['created_at'] },
  description: { type: 'string', description: 'Description.' },
  email: { type: 'string', description: 'Email address.' },
  employees: { type: 'string', accepts: ['number'], description: 'Number of employees.' },
  id: { type: 'string', description: 'Id in the database of the sender.' },
  industry: { type: 'string', description: 'Industry.' },
  name: { type: 'string', description: 'Name.' },
  phone: { type: 'string', description: 'Phone number.' },
  website: { type: 'url', description: 'Website.' },
  plan: { type: 'string', description: 'Plan.' },
})
