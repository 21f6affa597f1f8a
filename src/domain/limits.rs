//! Every number of the product's security: lifetimes, limits, delays. Their sources are in
//! `docs/limits.md`; a test compares the two.

use time::Duration;

/// Session id: 64 alphanumeric characters, 381 bits (ASVS 7.2.3).
pub const SESSION_ID_LENGTH: usize = 64;
/// A sign-in that is not finished ends after this (ASVS 2.3.1).
pub const PENDING_SESSION: Duration = Duration::minutes(10);
/// A sign-in that was led to set-up: from there on (ASVS 2.3.1).
pub const SET_UP_SESSION: Duration = Duration::minutes(30);
/// A forgotten password: from the address to the right code, and from there to the new password.
pub const PASSWORD_RESET: Duration = Duration::minutes(15);
/// Mails per account and hour to somebody who forgot the password or the link; silent after.
pub const RESET_MAILS: i64 = 3;
pub const RESET_MAILS_WITHIN: Duration = Duration::hours(1);
/// The same per address, unfinished ones.
pub const ADDRESS_RESETS: i64 = 5;
pub const ADDRESS_RESETS_WITHIN: Duration = Duration::minutes(10);
/// A link that somebody asked for who has not finished registering.
pub const LINK_ON_REQUEST: Duration = Duration::minutes(20);
/// How exactly the last use of a session is kept.
pub const LAST_SEEN_EVERY: Duration = Duration::seconds(15);
/// Signed-in sessions per account; the oldest one ends (ASVS 7.1.2).
pub const SESSIONS_PER_USER: i64 = 10;
/// Remember Me, from the end of the full sign-in (NIST SP 800-63B-4 section 2.2.3, deviation).
pub const REMEMBER_ME: Duration = Duration::hours(4);
/// How long a replaced verifier is still taken, for requests side by side.
pub const REMEMBER_ME_GRACE: Duration = Duration::seconds(10);
/// People remembered in one browser: what fits a cookie of 4,096 bytes.
pub const REMEMBERED_PEOPLE: usize = 20;
/// A browser not used for so long is no longer known.
pub const KNOWN_DEVICE: Duration = Duration::days(365);
/// How long a browser keeps a chosen appearance.
pub const APPEARANCE: Duration = Duration::days(365);

/// A try that was begun and never ended is forgotten after this.
pub const FLIGHT: Duration = Duration::seconds(30);
/// Wrong passwords per account and network without a delay.
pub const PASSWORD_FREE_TRIES: i64 = 5;
/// From so many on, a quarter of an hour each.
pub const PASSWORD_LONG_DELAY_FROM: i64 = 20;
pub const PASSWORD_LONG_DELAY: Duration = Duration::minutes(15);
/// The longest of the growing delays.
pub const PASSWORD_DELAY_MAX: Duration = Duration::seconds(60);
/// Wrong passwords per account over all networks before it delays.
pub const ACCOUNT_FREE_TRIES: i64 = 30;
/// Wrong passwords in a row until the password is off (NIST SP 800-63B-4 section 3.2.2).
pub const PASSWORD_HARD_CAP: i64 = 100;
/// Counters nobody touched for so long begin anew.
pub const THROTTLE_MEMORY: Duration = Duration::days(30);

/// Failed sign-ins per address and minute.
pub const ADDRESS_SIGN_INS: i64 = 20;
/// Failed codes per address and minute.
pub const ADDRESS_CODES_MINUTE: i64 = 30;
/// Failed codes per address in ten minutes.
pub const ADDRESS_CODES_TEN_MINUTES: i64 = 50;
/// Unfinished sends per address in five minutes.
pub const ADDRESS_SENDS: i64 = 25;

/// Life of a code by text message, from hand-over (ASVS 6.5.5).
pub const SMS_CODE_SECONDS: i64 = 300;
/// The same by e-mail at sign-in, unless the organization sets another.
pub const EMAIL_CODE_AT_SIGN_IN: i64 = 30;
/// Life of a code by e-mail elsewhere than at sign-in, from hand-over.
pub const EMAIL_CODE_SECONDS: i64 = 600;
/// A call can be answered for so long.
pub const CALL_SECONDS: i64 = 60;
/// Tries per code and per sign-in; then both are over (NIST SP 800-63B-4 section 3.1.3.2).
pub const TRIES_PER_CODE: i64 = 5;
/// Outside a sign-in, sends and tries of one subject are counted together for so long (ASVS 6.6.2).
pub const VERIFICATION_WINDOW: Duration = Duration::minutes(30);
/// Between a wrong second-step code and the next one that is judged; who is sooner waits (ASVS 2.4.2).
pub const CODE_GAP: Duration = Duration::seconds(1);
/// Tries side by side wait so often; then they are told to come again (ASVS 2.4.2).
pub const CODE_WAITS: usize = 15;
/// Tries of one person that wait at once on one node; more are told to come again without waiting (ASVS 2.4.1).
pub const CODE_WAITERS: usize = 5;
/// Wrong second-step codes in a row that pause a factor kind.
pub const SECOND_STEP_TRIES: i64 = 10;
/// The first pause; it doubles each time.
pub const SECOND_STEP_PAUSE: Duration = Duration::minutes(15);
pub const SECOND_STEP_PAUSE_MAX: Duration = Duration::hours(1);
/// Wrong codes in a row that switch an authenticator off (NIST SP 800-63B-4 section 3.2.2).
pub const AUTHENTICATOR_HARD_CAP: i64 = 100;
/// TOTP steps accepted before and after the present one (RFC 6238 section 5.2).
pub const TOTP_SKEW: u64 = 1;
/// Steps searched to tell somebody that a clock is off: an hour each way.
pub const CLOCK_HINT_STEPS: u64 = 120;

/// Recovery codes in a set, and the base32 characters of each: 120 bits (ASVS 6.5.2).
pub const RECOVERY_CODES: i64 = 8;
pub const RECOVERY_CODE_LENGTH: usize = 24;

/// A new authenticator's secret: bytes (RFC 4226 section 4), and how long it waits for its first
/// code (NIST SP 800-63B-4 section 4.1.2.2).
pub const AUTHENTICATOR_SECRET_BYTES: usize = 20;
pub const ENROLLMENT_SECRET: Duration = Duration::minutes(10);
/// Wrong first codes until another secret is drawn.
pub const ENROLLMENT_TRIES: i64 = 5;
/// Adding a factor wants a password or a proof that is not older (ASVS 7.5.1).
pub const FRESH: Duration = Duration::minutes(10);
/// The console: how long it may stand still, and how old the factor may be that opened it (NIST SP
/// 800-63B-4 section 2.2.3).
pub const CONSOLE_IDLE: Duration = Duration::minutes(15);
pub const CONSOLE_SESSION: Duration = Duration::hours(8);
/// A session without use, in minutes, and in all, in hours, unless the organization sets another (ASVS 7.3.1,
/// 7.3.2).
pub const IDLE_MINUTES: i64 = 30;
pub const ABSOLUTE_HOURS: i64 = 12;
/// Practice Security Settings: days of grace, life of an e-mail code in seconds, minutes without use and
/// hours in all of a session (NIST SP 800-63B-4 section 2.2.3): from and to.
pub const GRACE_DAYS_MAX: i64 = 365;
pub const EMAIL_CODE_RANGE: [i64; 2] = [30, 600];
pub const IDLE_MINUTES_RANGE: [i64; 2] = [5, 60];
pub const ABSOLUTE_HOURS_RANGE: [i64; 2] = [1, 24];
/// Members of an organization who are looked at, at most, to say how many a setting affects.
pub const COUNTED_PEOPLE: i64 = 10_000;
/// The longest exemption, and its reason in characters.
pub const EXEMPTION_MAX: Duration = Duration::days(366);
pub const EXEMPTION_REASON_LENGTH: usize = 200;
/// IP Safelist: entries, the widest ranges as prefix lengths (ASVS 2.2.3), a label in characters.
pub const SAFELIST_ENTRIES: usize = 200;
pub const SAFELIST_WIDEST_V4: u8 = 8;
pub const SAFELIST_WIDEST_V6: u8 = 16;
pub const LABEL_LENGTH: usize = 60;
/// Rows of a list on one page.
pub const LIST_PAGE: i64 = 50;

/// A device's name, in characters.
pub const DEVICE_NAME_LENGTH: usize = 60;

/// Between two e-mails with a code.
pub const EMAIL_GAP: Duration = Duration::seconds(30);
/// After the first, second, third and every later text or call.
pub const PHONE_GAPS: [Duration; 4] =
    [Duration::seconds(30), Duration::seconds(60), Duration::seconds(120), Duration::seconds(240)];
/// Sends per sign-in.
pub const SENDS_PER_CHALLENGE: i64 = 5;
/// Texts and calls per number in ten minutes.
pub const SENDS_PER_NUMBER: i64 = 3;
/// Texts and calls per person and day.
pub const SENDS_PER_USER_DAY: i64 = 10;
/// The least a day of texts and calls per organization; otherwise five times its people.
pub const SENDS_PER_ORGANIZATION_DAY: i64 = 200;
pub const SENDS_PER_MEMBER_DAY: i64 = 5;

/// Codes are kept so long after they were made, links so long after they ended: a page can then say
/// what became of them.
pub const CODE_MEMORY: Duration = Duration::days(1);
pub const LINK_MEMORY: Duration = Duration::days(7);
/// Messages that were sent or given up are kept so long, for admins to see their last deliveries.
pub const OUTBOX_MEMORY: Duration = Duration::days(90);
/// How long a message that says what happened is tried before it is given up.
pub const NOTICE_LIFE: Duration = Duration::days(3);
/// How often what has ended is removed.
pub const PURGE_EVERY: std::time::Duration = std::time::Duration::from_secs(600);

/// The link of a registration; an invitation's own lives longer (ASVS 6.4.1).
pub const REGISTRATION_LINK: Duration = Duration::minutes(20);
pub const INVITATION_LINK: Duration = Duration::hours(24);
/// How long a registration may stand still between two steps, and how long the part after **Create**
/// lasts at most (ASVS 2.3.1).
pub const STAND_STILL: Duration = Duration::minutes(30);
pub const REGISTRATION_SESSION: Duration = Duration::hours(2);
/// A registration without an account is erased after this (ASVS 14.2.7).
pub const REGISTRATION_MEMORY: Duration = Duration::days(7);
/// Wrong codes per NPI: from one network, and from all of them; and per address. Links begun and asked
/// for per address. All of them per window (ASVS 2.4.1, 6.3.1).
pub const REGISTRATION_WINDOW: Duration = Duration::minutes(10);
pub const REGISTRATION_TRIES: i64 = 10;
pub const REGISTRATION_TRIES_PER_NPI: i64 = 50;
pub const REGISTRATION_TRIES_PER_ADDRESS: i64 = 20;
pub const REGISTRATIONS_PER_ADDRESS: i64 = 25;
pub const REGISTRATION_RESETS: i64 = 5;
/// Links mailed to one mailbox, then silence (ASVS 2.4.1).
pub const REGISTRATION_MAILS: i64 = 5;
pub const REGISTRATION_MAILS_WINDOW: Duration = Duration::hours(1);

/// Resetting one's own MFA: the request and the link that goes on with it; the reset link at its end
/// (NIST SP 800-63B-4 section 4.2.1.2); how long a review may take.
pub const SELF_RESET: Duration = Duration::hours(24);
pub const SELF_RESET_LINK: Duration = Duration::minutes(15);
pub const SELF_RESET_REVIEW: Duration = Duration::days(7);
/// Names or address that changed so lately have a person look at the document.
pub const SELF_RESET_UNCHANGED: Duration = Duration::days(7);
/// Sessions with the identity provider per person and day (ASVS 2.4.1).
pub const IDENTITY_CHECKS: i64 = 3;
pub const IDENTITY_CHECKS_WITHIN: Duration = Duration::days(1);
/// After this the provider's record is redacted, unless the installation says otherwise (ASVS 14.2.7).
pub const IDENTITY_RECORD: Duration = Duration::days(30);
/// How often sessions that are being looked at are asked about.
pub const IDENTITY_EVERY: std::time::Duration = std::time::Duration::from_secs(5);
/// How a reviewer checked, or why they refuse: in characters.
pub const NOTE_LEAST: usize = 10;
/// How long it is remembered that an event of the provider was acted on.
pub const PROVIDER_EVENTS: Duration = Duration::days(40);

/// A domain account: from **LOGIN** to the provider's answer, and from there to the local proof (ASVS
/// 10.1.2); how far the provider's clock may be off; how long its description of itself and its keys are
/// believed; how often a key that is not among them is looked for (ASVS 10.5.1); how old the sign-in
/// there may be for its word about a second factor to count (ASVS 7.6.1); its longest answer in bytes.
pub const DOMAIN_SIGN_IN: Duration = Duration::minutes(10);
pub const OIDC_LEEWAY: Duration = Duration::seconds(60);
pub const OIDC_METADATA: Duration = Duration::hours(1);
pub const OIDC_KEYS_AGAIN: Duration = Duration::minutes(5);
pub const OIDC_AUTHENTICATED: Duration = Duration::hours(1);
pub const OIDC_ANSWER: usize = 256 * 1024;
/// After a call that failed, the provider is not asked about itself again for so long; requests that may
/// wait for it at the same time (ASVS 13.1.3).
pub const OIDC_FAILED: Duration = Duration::seconds(5);
pub const OIDC_WAITING: usize = 64;
/// Domain sign-ins begun per address; one that ends well gives its place back (ASVS 2.4.1).
pub const DOMAIN_SIGN_INS: i64 = 40;
pub const DOMAIN_SIGN_INS_WITHIN: Duration = Duration::minutes(10);

/// Codes of demo mode's own provider that wait to be traded.
pub const SANDBOX_DOMAIN_CODES: usize = 1_000;

/// The first line of a request and all its headers together (ASVS 2.4.1).
pub const URI_BYTES: usize = 8 * 1024;
pub const HEAD_BYTES: usize = 16 * 1024;
/// How long a request's head and its body may take to arrive.
pub const HEAD_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);
pub const BODY_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

/// A form (ASVS 5.2.1).
pub const FORM_BYTES: usize = 64 * 1024;
pub const JSON_BYTES: usize = 1024 * 1024;
/// A file for an import: as a whole, its rows without the head, one cell (ASVS 5.2.1).
pub const CSV_BYTES: usize = 2 * 1024 * 1024;
pub const CSV_ROWS: usize = 5_000;
pub const CSV_CELL_BYTES: usize = 4 * 1024;

/// The secret of a hardware token (RFC 4226 section 4, R6, and what Microsoft Entra takes).
pub const TOKEN_SECRET_BYTES_MIN: usize = 16;
pub const TOKEN_SECRET_BYTES_MAX: usize = 80;
/// A serial number, and the name of a manufacturer or a model, in characters.
pub const TOKEN_SERIAL_LENGTH: usize = 64;
pub const TOKEN_NAME_LENGTH: usize = 100;
/// Wrong codes from an administrator who puts a token into use, per token.
pub const TOKEN_TRIES: i64 = 5;
pub const TOKEN_TRIES_WITHIN: Duration = Duration::minutes(15);
/// Tokens in one export.
pub const TOKENS_EXPORTED: usize = 50_000;

/// Characters of a registration code, out of 31: 49 bits (ASVS 6.3.1).
pub const REGISTRATION_CODE_LENGTH: usize = 10;
/// Codes of an organization with which people can register at the same time.
pub const REGISTRATION_CODES_OPEN: i64 = 20;
/// The name of an organization, in characters.
pub const ORGANIZATION_NAME_LENGTH: usize = 100;
/// Links on Home; their names and descriptions in characters, their addresses in bytes.
pub const APPLICATION_LINKS: usize = 50;
pub const APPLICATION_TEXT_LENGTH: usize = 100;
pub const APPLICATION_URL_LENGTH: usize = 1_000;
/// How long a page waits for a message to be handed over before it says "Sending…".
pub const HAND_OVER_WAIT: std::time::Duration = std::time::Duration::from_secs(2);

/// API tokens: their life unless somebody chooses another, and at most (ASVS 7.2.2).
pub const API_TOKEN_DAYS: i64 = 90;
pub const API_TOKEN_DAYS_MAX: i64 = 365;
/// The life of the token with which **Swagger Docs** tries requests out.
pub const HELP_TOKEN: Duration = Duration::minutes(10);
/// Live tokens per person and organization.
pub const API_TOKENS_PER_USER: usize = 50;
/// A token's name, in characters.
pub const API_TOKEN_NAME_LENGTH: usize = 60;
/// How exactly the last use of a token is kept, and how long one stays listed after its end.
pub const API_TOKEN_USED_EVERY: Duration = Duration::minutes(1);
pub const API_TOKEN_MEMORY: Duration = Duration::days(90);
/// Requests to the API, per token and per address, in five minutes (ASVS 2.4.1).
pub const API_REQUESTS: i64 = 300;
pub const API_REQUESTS_WITHIN: Duration = Duration::minutes(5);
/// Rows of a list in the API: unless asked otherwise, and at most.
pub const API_PAGE: i64 = 50;
pub const API_PAGE_MAX: i64 = 200;

/// Entries per seal of the audit log, how old they are by then, and how often a worker looks (ASVS 16.4.2).
pub const SEAL_BATCH: usize = 1_000;
pub const SEAL_SETTLE: Duration = Duration::seconds(30);
pub const SEAL_EVERY: std::time::Duration = std::time::Duration::from_secs(15);
/// What anybody may do without end is written down once in this time per address (ASVS 2.4.1).
pub const AUDIT_SELDOM: Duration = Duration::minutes(1);
/// Entries on a page of **Audit Log**, and exports of it per person and hour (ASVS 2.4.1).
pub const AUDIT_PAGE: i64 = 50;
pub const AUDIT_EXPORTS: i64 = 30;
pub const AUDIT_EXPORTS_WITHIN: Duration = Duration::hours(1);

/// People in one reset, and how long its receipt can be looked at.
pub const RESET_PEOPLE: usize = 500;
pub const RECEIPT_MEMORY: Duration = Duration::days(90);
/// Characters of the reason an operator gives.
pub const REASON_LENGTH: usize = 500;
/// Lists of people: rows of a page, rows looked at together, rows looked at for one page, matches of a
/// search that are put in order at once, people counted exactly.
pub const DIRECTORY_PAGE: usize = 50;
pub const DIRECTORY_BATCH: usize = 200;
pub const DIRECTORY_EXAMINED: usize = 1_000;
pub const DIRECTORY_MATCHES: usize = 200;
pub const DIRECTORY_COUNTED: usize = 1_000;
/// Characters of a search.
pub const SEARCH_LENGTH: usize = 200;
/// What **Admin Overview** looks at: tries to sign in, and administrators.
pub const OVERVIEW_ACTS: i64 = 20_000;
pub const OVERVIEW_ADMINS: usize = 100;
/// People in one export.
pub const PEOPLE_EXPORTED: usize = 50_000;
/// An invitation to somebody who has an account: it opens nothing without their sign-in.
pub const INVITATION_OFFER: Duration = Duration::days(7);
/// Invitations that nobody followed stay in the list so long after their end.
pub const INVITATION_MEMORY: Duration = Duration::days(30);
/// The link that confirms an address which an administrator proposed (ASVS 6.4.1).
pub const EMAIL_PROPOSAL: Duration = Duration::hours(24);
/// More people than this at once become a job.
pub const AT_ONCE: usize = 25;
/// People in one job, and open jobs of one person.
pub const JOB_ITEMS: usize = 20_000;
pub const OPEN_JOBS: i64 = 5;
/// How long a worker has a job to itself without a sign of life; how often it looks for one.
pub const JOB_LEASE: Duration = Duration::seconds(30);
pub const JOB_TICK: std::time::Duration = std::time::Duration::from_secs(1);
/// A plan that nobody confirmed is kept so long.
pub const JOB_PLAN: Duration = Duration::days(1);
/// A job and what became of each person in it are kept so long.
pub const JOB_MEMORY: Duration = Duration::days(90);
/// Errors of a file that are listed at once.
pub const CSV_ERRORS: usize = 100;
/// The least characters of `metrics_token`.
pub const METRICS_TOKEN_LENGTH: usize = 20;

/// The end of a node, one after the other: how long it may be told to answer on, in seconds;
pub const DRAIN_MOST: u64 = 60;
/// requests under way;
pub const LAST_REQUESTS: std::time::Duration = std::time::Duration::from_secs(10);
/// the person that a job has in hand;
pub const LAST_JOBS: std::time::Duration = std::time::Duration::from_secs(5);
/// messages that are being handed over: a sender's ten seconds and some.
pub const LAST_MESSAGES: std::time::Duration = std::time::Duration::from_secs(12);
