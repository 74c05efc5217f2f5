// The shapes that the API answers with and that the page makes of them; nothing here runs.

/** @typedef {'calls'|'clients'|'contacts'|'orders'|'ms'|'money'|'share'} Unit */
/** @typedef {{ru: string, en: string}} Text */
/** @typedef {{metric: string, by: string}} Whole all that counts in a part counts in it too; parts of it by the same have nothing in common */
/**
 * @typedef {object} Metric
 * @property {string} name
 * @property {Unit} unit
 * @property {string} group
 * @property {boolean} additive
 * @property {'more'|'fewer'|'neither'} better which change of it is a good one
 * @property {Whole[]} [part_of] the nearest first
 * @property {string[]} dimensions
 * @property {number|null} empty
 * @property {Text} label
 * @property {Text} explanation
 * @property {string} list the list behind its points
 */
/** @typedef {(number|null)[]} Values */
/** @typedef {{values: Values, total: number|null}} Comparison */
/**
 * @typedef {object} Series
 * @property {string} metric
 * @property {Record<string, string>} group
 * @property {boolean} rest
 * @property {string} label
 * @property {Unit} unit
 * @property {Values} values
 * @property {number|null} total
 * @property {Comparison|null} comparison
 */
/**
 * @typedef {object} Meta
 * @property {string} from
 * @property {string} to
 * @property {import('./range.js').Step} step
 * @property {string|null} time_zone
 * @property {number} definitions
 * @property {string} read_from
 * @property {string|null} partial_from
 * @property {string|null} provisional_from
 * @property {string} complete_until
 * @property {string|null} history_from the day the records begin, where the directory says so
 * @property {string|null} [currency]
 * @property {Record<string, number>|null} [levels]
 */
/** @typedef {{meta: Meta, buckets: string[], series: Series[]}} Answer */
/** @typedef {{value: string, label: string, organisations: string[], in_directory: boolean}} Item */
/** @typedef {'count'|'ms'|'money'|'share'} Scale what shares one axis */
/**
 * One line of the chart, one pill, one column of the table.
 * @typedef {object} Line
 * @property {string} key
 * @property {Metric} metric
 * @property {string|null} group the value of the dimension; null without a breakdown
 * @property {boolean} rest
 * @property {string} label
 * @property {string} full with the metric's name, whatever else is shown
 * @property {Scale} scale
 * @property {Values} values
 * @property {number|null} total
 * @property {Comparison|null} comparison
 * @property {boolean} comparable whether all that it is compared with has records
 * @property {number} look which colour, dash and marker
 * @property {boolean} off
 */
/** @typedef {{name: string|null, role: string, organisation: string|null, services: string[], phones: boolean}} User */
/** @typedef {{user: User|null, csrf: string, open: boolean}} Session `open`: nobody has to sign in yet */
/**
 * A campaign of the directory, or what somebody has noted: a span, or a moment where `until` is null. Wall times.
 * @typedef {object} Annotation
 * @property {string} id
 * @property {'campaign'|'incident'} kind
 * @property {string} title
 * @property {string} from
 * @property {string|null} until
 * @property {string|null} organisation null: of all
 * @property {string|null} service null: of the whole organisation
 * @property {string[]} gateways
 * @property {number|null} spend in minor units of the currency
 * @property {string|null} currency
 * @property {boolean} editable
 */
/** @typedef {{id: string, name: string, state: string, shared: boolean, owner: string, editable: boolean, updated_at: string}} SavedView */
/**
 * @typedef {object} Leg
 * @property {string} record_id
 * @property {string} started its times are wall times with their offset
 * @property {string|null} answered
 * @property {string} ended
 * @property {string} direction
 * @property {string|null} answered_by
 * @property {string|null} gateway
 * @property {string|null} agent
 * @property {string} caller
 * @property {string} callee
 */
/** @typedef {Record<string, any>} Row of the API, as it gives it */
/**
 * @typedef {object} Quality
 * @property {{from: string, to: string, time_zone: string|null, silent_days: number, definitions: number, complete_until: string}} meta
 * @property {{servers: {server: string, last_call: string, observed_at: string}[], organisations: {organisation: string, last_order: string, observed_at: string}[]}} freshness
 * @property {Row[]} unmapped_gateways
 * @property {Row[]} unmapped_words
 * @property {{calls: Row[], orders: Row[]}} no_number
 * @property {{total: number, calls: Row[]}} bridged
 * @property {Row[]} foreign_currency
 * @property {Row[]} silent_gateways
 * @property {Record<string, number>|null} levels
 * @property {{kinds: {reason: string, topic: string, letters: number, replayed: number}[]}|null} dead_letters
 * @property {{kind: string, finished_at: string, records: number|null, rows: number|null, differences: number, undecided: number}[]} verifications
 */
export {};
