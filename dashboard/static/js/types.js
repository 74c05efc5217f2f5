// The shapes that the API answers with and that the page makes of them; nothing here runs.

/** @typedef {'calls'|'clients'|'contacts'|'orders'|'ms'|'money'|'share'} Unit */
/** @typedef {{ru: string, en: string}} Text */
/**
 * @typedef {object} Metric
 * @property {string} name
 * @property {Unit} unit
 * @property {string} group
 * @property {boolean} additive
 * @property {string[]} dimensions
 * @property {number|null} empty
 * @property {Text} label
 * @property {Text} explanation
 * @property {string} [list] the list behind its points, once the API has one
 */
/** @typedef {(number|null)[]} Values */
/** @typedef {{values: Values, total: number|null}} Comparison */
/**
 * @typedef {object} Series
 * @property {string} metric
 * @property {Record<string, string>} group
 * @property {boolean} [rest]
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
 * @property {number} look which colour, dash and marker
 * @property {boolean} off
 */
export {};
