// The words of the sign-in page.

/** @typedef {'tab'|'title'|'name'|'password'|'enter'|'help'|'other'|'wrong'|'often'|'away'} Word */
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
    away: 'The server does not answer. Try again.',
  },
};
