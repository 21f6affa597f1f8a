//! A table of states: what is demanded, what somebody has, and what follows from both, each seen over
//! HTTP. U8, U9, U11, U18.

use vestibule::models::factors;

use crate::support::{BY_PHONE, TestApp};

/// What a password leads to, and the status beside it.
struct Line {
    what: &'static str,
    /// Of Riverside: enforce, organization-level, grace in days from now, allowed methods.
    organization: (bool, bool, Option<i64>, &'static str),
    /// Days until an exemption ends.
    exempt: Option<i64>,
    username: &'static str,
    /// Makes the factors of that person the organization's own.
    own: bool,
    /// Every factor goes.
    reset: bool,
    status: &'static str,
    lands: &'static str,
}

const ALL: &str = "authenticator,phone,email,hardware_token";
const LINE: Line = Line {
    what: "",
    organization: (true, false, None, ALL),
    exempt: None,
    username: "tbrooks",
    own: false,
    reset: false,
    status: "set-up pending",
    lands: "/security/setup",
};

const TABLE: &[Line] = &[
    Line { what: "off, nothing", organization: (false, false, None, ALL), status: "none", lands: "/home", ..LINE },
    Line { what: "on, nothing", ..LINE },
    Line {
        what: "grace runs",
        organization: (true, false, Some(3), ALL),
        status: "in grace until",
        lands: "/home",
        ..LINE
    },
    Line { what: "grace is over", organization: (true, false, Some(-1), ALL), ..LINE },
    Line { what: "exempt", exempt: Some(3), status: "exempt", lands: "/home", ..LINE },
    Line { what: "exemption over", exempt: Some(-1), ..LINE },
    Line {
        what: "exempt, off",
        organization: (false, false, None, ALL),
        exempt: Some(3),
        status: "none",
        lands: "/home",
        ..LINE
    },
    Line { what: "phone", username: "nwilliams", status: "enrolled", lands: "/login/verify/phone", ..LINE },
    Line { what: "app", username: "wchen", status: "enrolled", lands: "/login/verify/authenticator", ..LINE },
    Line { what: "e-mail", username: "aferreira", status: "enrolled", lands: "/login/verify/email", ..LINE },
    Line {
        what: "e-mail, not allowed",
        organization: (true, false, None, "authenticator,phone"),
        username: "aferreira",
        ..LINE
    },
    Line {
        what: "phone, off",
        organization: (false, false, None, ALL),
        username: "nwilliams",
        status: "enrolled",
        lands: "/login/verify/phone",
        ..LINE
    },
    Line { what: "reset in between", username: "nwilliams", reset: true, ..LINE },
    Line {
        what: "reset, off",
        organization: (false, false, None, ALL),
        username: "nwilliams",
        reset: true,
        status: "none",
        lands: "/home",
        ..LINE
    },
    Line {
        what: "reset within the grace",
        organization: (true, false, Some(3), ALL),
        username: "nwilliams",
        reset: true,
        status: "in grace until",
        lands: "/home",
        ..LINE
    },
    Line {
        what: "reset after the grace",
        organization: (true, false, Some(-3), ALL),
        username: "nwilliams",
        reset: true,
        ..LINE
    },
    // The user's phone is asked, and opens the way to one of the organization's own.
    Line {
        what: "organization-level, phone of the user",
        organization: (true, true, None, ALL),
        username: "nwilliams",
        lands: "/login/verify/phone",
        ..LINE
    },
    Line { what: "organization-level alone", organization: (false, true, None, ALL), ..LINE },
    Line {
        what: "organization-level, its own phone",
        organization: (true, true, None, ALL),
        username: "nwilliams",
        own: true,
        status: "enrolled",
        lands: "/login/verify/phone",
        ..LINE
    },
    Line {
        what: "organization-level, its own e-mail counts nowhere",
        organization: (true, true, None, ALL),
        username: "aferreira",
        own: true,
        lands: "/login/verify/email",
        ..LINE
    },
    Line {
        what: "not organization-level any more, its own phone",
        username: "nwilliams",
        own: true,
        status: "enrolled",
        lands: "/login/verify/phone",
        ..LINE
    },
];

#[tokio::test]
async fn what_is_demanded_follows_from_organization_membership_and_factors() {
    let app = TestApp::spawn().await;
    let riverside = app.organization_id("riverside");
    for line in TABLE {
        let id = app.user_id(line.username);
        let (enforce, own, grace, methods) = line.organization;
        app.sql(format!(
            "UPDATE organizations SET enforce_mfa = {enforce}, org_level_mfa = {own}, allowed_methods = '{methods}', \
             grace_until = NULL WHERE id = '{riverside}'"
        ))
        .await;
        app.set_days("organizations", "grace_until", &format!("id = '{riverside}'"), grace).await;
        app.set_days("memberships", "exempt_until", &format!("user_id = '{id}'"), line.exempt).await;
        let owner = id.clone();
        let before = app.read(move |conn| Ok(factors::list(conn, &owner)?)).await;
        if line.reset {
            app.execute(format!("DELETE FROM factors WHERE user_id = '{id}'")).await;
        } else if line.own {
            app.execute(format!(
                "UPDATE factors SET scope = 'organization', organization_id = '{riverside}' WHERE user_id = '{id}'"
            ))
            .await;
        }
        let status = app.mfa_status(line.username).await;
        assert!(status.starts_with(line.status), "{}: {status}", line.what);
        let browser = app.after_password(BY_PHONE, line.username).await;
        assert_eq!(browser.path(), line.lands, "{}: {}", line.what, browser.text());
        // As it was, for the next line.
        app.execute(format!("DELETE FROM factors WHERE user_id = '{id}'")).await;
        app.write(move |conn| {
            for factor in &before {
                factors::insert(conn, factor)?;
            }
            Ok(())
        })
        .await;
    }
}

/// The same for a session that is open all the while, as its organization changes its mind.
#[tokio::test]
async fn an_open_session_follows_each_change() {
    let app = TestApp::spawn().await;
    let riverside = app.organization_id("riverside");
    let id = app.user_id("tbrooks");
    app.relax("riverside").await;
    let mut browser = app.after_password(BY_PHONE, "tbrooks").await;
    let set = |what: &str| app.sql(format!("UPDATE organizations SET {what} WHERE id = '{riverside}'"));
    let membership = format!("user_id = '{id}'");
    set("enforce_mfa = TRUE").await;
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"), "on");
    set("enforce_mfa = FALSE").await;
    assert_eq!(browser.get_only("/home").await.status, 200, "off");
    set("enforce_mfa = TRUE").await;
    app.set_days("organizations", "grace_until", &format!("id = '{riverside}'"), Some(2)).await;
    assert_eq!(browser.get_only("/home").await.status, 200, "grace runs");
    app.set_days("organizations", "grace_until", &format!("id = '{riverside}'"), Some(-1)).await;
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"), "grace over");
    app.set_days("memberships", "exempt_until", &membership, Some(2)).await;
    assert_eq!(browser.get_only("/home").await.status, 200, "exempt");
    app.set_days("memberships", "exempt_until", &membership, Some(-1)).await;
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"), "exemption over");
    set("enforce_mfa = FALSE, org_level_mfa = TRUE").await;
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"), "organization-level");
}

impl TestApp {
    /// Sets a date so many days from now, where there is one to set.
    async fn set_days(&self, table: &str, column: &str, which: &str, days: Option<i64>) {
        let value = match days {
            Some(days) => {
                let at = self.app.core.clock.now() + time::Duration::days(days);
                format!("'{} {:02}:{:02}:{:02}'", at.date(), at.hour(), at.minute(), at.second())
            }
            None => "NULL".into(),
        };
        self.execute(format!("UPDATE {table} SET {column} = {value} WHERE {which}")).await;
    }
}
