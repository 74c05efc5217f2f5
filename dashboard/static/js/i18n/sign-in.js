// The words of the sign-in page, and which of them a refusal is told in. Pure.

/** @typedef {'tab'|'title'|'name'|'password'|'enter'|'help'|'other'|'wrong'|'often'|'proxy'|'away'} Word */
/** @type {Record<import('../i18n.js').Language, Record<Word, string>>} */
export const SIGN_IN = {
  ru: {
    tab: 'Вход · Пульс диспетчерской',
    title: 'Пульс диспетчерской',
    name: 'Имя',
    password: 'Пароль',
    enter: 'Войти',
    help: 'Имя и пароль даёт ваш провайдер.',
    other: 'English',
    wrong: 'Имя и пароль не подходят друг к другу.',
    often: 'Слишком много попыток. Попробуйте через {n} мин.',
    proxy: 'Вход отклонён: адрес страницы не совпадает с адресом сервера. Прокси перед ним должен передавать Host и X-Forwarded-Proto; скажите об этом провайдеру.',
    away: 'Сервер не отвечает. Попробуйте ещё раз.',
  },
  en: {
    tab: 'Sign in · Dispatch Pulse',
    title: 'Dispatch Pulse',
    name: 'Name',
    password: 'Password',
    enter: 'Sign in',
    help: 'Your provider gives you name and password.',
    other: 'Русский',
    wrong: 'Name and password do not fit.',
    often: 'Too many attempts. Try again in {n} min.',
    proxy: 'Refused: the address of this page is not that of the server. The proxy before it must pass Host and X-Forwarded-Proto; tell your provider.',
    away: 'The server does not answer. Try again.',
  },
};

/** A 403 is no matter of the password: the server takes the page for one of another origin. @param {number} status @returns {Word} */
export function refusedAs(status) {
  if (status === 429) return 'often';
  if (status === 403) return 'proxy';
  return status < 500 ? 'wrong' : 'away';
}
