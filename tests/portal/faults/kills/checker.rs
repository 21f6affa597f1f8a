//! What must hold whenever the program dies.

use std::collections::BTreeMap;

use super::work::Kind;
use crate::support::program::{Database, Program};

/// Rows that must not be there, and what each would mean.
const NEVER: [(&str, &str); 6] = [
    (
        "a session without its proof",
        "SELECT s.id AS line FROM sessions s WHERE s.stage = 'signed_in'
         AND EXISTS (SELECT 1 FROM factors f WHERE f.user_id = s.user_id AND f.state = 'active'
                     AND f.confirmed_at < s.created_at)
         AND NOT EXISTS (SELECT 1 FROM session_proofs p WHERE p.session_id = s.id)",
    ),
    (
        "a session of an epoch that is over",
        "SELECT s.id AS line FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.mfa_epoch <> u.mfa_epoch",
    ),
    (
        "a factor half enrolled",
        "SELECT id AS line FROM factors WHERE (state = 'active' AND (confirmed_at IS NULL
         OR pending_session_id IS NOT NULL OR pending_until IS NOT NULL))
         OR (state = 'pending' AND (pending_session_id IS NULL OR pending_until IS NULL))",
    ),
    (
        "a forgotten password that was replaced and can be replaced again",
        "SELECT r.id AS line FROM password_resets r JOIN users u ON u.id = r.user_id
         WHERE r.created_at < u.password_changed_at",
    ),
    (
        "a code without the message that carries it",
        "SELECT c.id AS line FROM one_time_codes c
         LEFT JOIN outbox_messages m ON m.id = c.outbox_message_id
         -- Over a limit there is a code that nothing matches, and no message.
         WHERE m.id IS NULL AND c.outbox_message_id <> ''",
    ),
    (
        "a message that is sent and waits, or waits and is empty",
        "SELECT id AS line FROM outbox_messages WHERE (state = 'sent' AND sent_at IS NULL)
         OR (state = 'queued' AND payload IS NULL)",
    ),
];

/// An act, the action of its audit entry, the kind of its e-mail, and to how many people that goes.
const ACTS: [(Kind, &str, &str, usize); 4] = [
    (Kind::Enroll, "factor_added", "factor_added", 1),
    (Kind::Change, "password_changed", "password_replaced", 1),
    (Kind::Forget, "password_reset", "password_changed", 1),
    (Kind::Settings, "security_settings_changed", "security_settings_changed", 2),
];

/// What was seen up to now.
#[derive(Debug)]
pub struct Checker {
    ids: BTreeMap<&'static str, String>,
    /// Audit entries and e-mails before the first act, by action.
    base: BTreeMap<&'static str, (usize, usize)>,
    seen: BTreeMap<&'static str, usize>,
    states: BTreeMap<&'static str, String>,
    enrolled: usize,
}

impl Checker {
    pub fn new(program: &Program) -> Self {
        let user_id = |kind: &Kind| (kind.username(), program.people.people[kind.username()].user_id.clone());
        let mut checker = Self {
            ids: Kind::ALL.iter().map(user_id).collect(),
            base: BTreeMap::new(),
            seen: BTreeMap::new(),
            states: BTreeMap::new(),
            enrolled: 0,
        };
        let mut database = program.open_copy();
        for (kind, action, mails, _) in ACTS {
            let counted = checker.count(&mut database, kind, action, mails);
            checker.base.insert(action, counted);
            checker.seen.insert(action, 0);
            let state = checker.state(&mut database, kind);
            checker.states.insert(action, state);
        }
        checker
    }

    /// Audit entries and e-mails of one kind of act.
    fn count(&self, database: &mut Database, kind: Kind, action: &str, mails: &str) -> (usize, usize) {
        let id = &self.ids[kind.username()];
        let entries = format!(
            "SELECT id AS line FROM audit_entries WHERE action = '{action}' AND result = 'success' AND actor_id = '{id}'"
        );
        // Settings are told to every owner, the rest to whom it is about.
        let to = if kind == Kind::Settings { String::new() } else { format!(" AND user_id = '{id}'") };
        let told = format!("SELECT id AS line FROM outbox_messages WHERE kind = '{mails}'{to}");
        (database.lines(&entries).len(), database.lines(&told).len())
    }

    /// What the act changes.
    fn state(&self, database: &mut Database, kind: Kind) -> String {
        let id = &self.ids[kind.username()];
        let sql = match kind {
            Kind::Settings => format!(
                "SELECT o.idle_minutes || '' AS line FROM organizations o JOIN users u
                 ON u.managing_organization_id = o.id WHERE u.id = '{id}'"
            ),
            Kind::Enroll => format!("SELECT id AS line FROM factors WHERE user_id = '{id}' AND state = 'active'"),
            _ => format!("SELECT password_hash AS line FROM users WHERE id = '{id}'"),
        };
        database.lines(&sql).concat()
    }

    pub fn look(&mut self, database: &mut Database) {
        database.is_whole();
        for (what, sql) in NEVER {
            let found = database.lines(sql);
            assert!(found.is_empty(), "{what}: {found:?}");
        }
        for (kind, action, mails, people) in ACTS {
            let (entries, told) = self.count(database, kind, action, mails);
            let base = self.base[action];
            let (entries, told) = (entries - base.0, told - base.1);
            assert_eq!(entries * people, told, "audit log and outbox agree about {action}");
            let (state, before) = (self.state(database, kind), self.states[action].clone());
            let times = entries - self.seen[action];
            match kind {
                Kind::Enroll => {
                    assert_eq!(times, usize::from(!state.is_empty()), "enrolled as often as noted");
                    self.codes_come_with_the_factor(database, times);
                    self.enrolled += times;
                }
                // Back and forth between two values.
                Kind::Settings => assert_eq!(state != before, times % 2 == 1, "settings: {before}, {state}, {times}"),
                _ => assert_eq!(state != before, times > 0, "{action}: {times} noted"),
            }
            self.seen.insert(action, entries);
            self.states.insert(action, state);
        }
    }

    fn codes_come_with_the_factor(&self, database: &mut Database, enrolled: usize) {
        let id = &self.ids[Kind::Enroll.username()];
        let codes = database.lines(&format!("SELECT id AS line FROM recovery_codes WHERE user_id = '{id}'"));
        assert_eq!(codes.len(), 8 * enrolled, "all of the recovery codes or none");
    }

    /// Whoever enrolled may do so again.
    pub fn tidy(&self) -> Vec<String> {
        let id = &self.ids[Kind::Enroll.username()];
        let tables = ["recovery_codes", "factors", "sessions"];
        tables.iter().map(|table| format!("DELETE FROM {table} WHERE user_id = '{id}'")).collect()
    }

    /// Whether each act was carried through at least once.
    pub fn has_seen_everything(&self) -> bool {
        self.seen.values().all(|times| *times > 0)
    }
}
