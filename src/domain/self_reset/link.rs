//! What a link of a request leads to. Opening one consumes nothing and changes nothing.

use super::{FINISH, GO_ON, STOP};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::links::{self, Found};
use crate::domain::times::Zone;
use crate::domain::{Core, notices};
use crate::models::SelfResetState;
use crate::models::identity_checks::{self, IdentityCheck};
use crate::models::links::{self as rows, Link};
use crate::models::self_resets::{self, SelfReset};
use crate::models::users::{self, User};

/// A request as its owner sees it.
pub struct View {
    pub request: SelfReset,
    /// How far it is now; the row may not say yet that it has expired.
    pub state: SelfResetState,
    pub user: User,
    pub zone: Zone,
    /// The newest session with the identity provider.
    pub check: Option<IdentityCheck>,
    /// When the newest reset link was mailed, and until when it works.
    pub reset_link: Option<(Timestamp, Timestamp)>,
    /// Whether the link itself is neither too old nor used or replaced.
    pub link_is_good: bool,
    pub(super) link: Link,
}

/// What a token from a URL or a cookie turned out to be.
pub enum Given {
    Live(Box<View>),
    /// Once good: the link is too old, used or replaced, or the request has ended.
    Over(Box<View>),
    Unknown,
}

/// The link that goes on with a request.
pub async fn of_link(core: &Core, token: &str) -> Result<Given, Fault> {
    given(core, GO_ON, token, |state| state.is_live()).await
}

/// The reset link.
pub async fn of_finish(core: &Core, token: &str) -> Result<Given, Fault> {
    given(core, FINISH, token, |state| state == SelfResetState::Ready).await
}

/// **This wasn't me**.
pub async fn of_stop(core: &Core, token: &str) -> Result<Given, Fault> {
    given(core, STOP, token, |state| state.is_live()).await
}

async fn given(
    core: &Core,
    purpose: &'static str,
    token: &str,
    fits: fn(SelfResetState) -> bool,
) -> Result<Given, Fault> {
    let (token, now) = (token.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let (good, link) = match links::find(conn, purpose, &token, now)? {
                Found::Good(link) => (true, link),
                Found::Over(link) => (false, link),
                Found::Unknown => return Ok(Given::Unknown),
            };
            let Some(view) = view(conn, (link, good), now)? else { return Ok(Given::Unknown) };
            let live = good && fits(view.state);
            Ok(if live { Given::Live(Box::new(view)) } else { Given::Over(Box::new(view)) })
        })
        .await
}

fn view(conn: &mut DbConnection, (link, link_is_good): (Link, bool), now: Timestamp) -> Result<Option<View>, Fault> {
    let Some(id) = link.subject_id.clone() else { return Ok(None) };
    let Some(request) = self_resets::find(conn, &id)? else { return Ok(None) };
    let Some(user) = users::find(conn, &request.user_id)? else { return Ok(None) };
    let (zone, _) = notices::zone_of(conn, &user)?;
    let over = request.state.is_live() && request.expires_at <= now;
    Ok(Some(View {
        state: if over { SelfResetState::Expired } else { request.state },
        check: identity_checks::newest(conn, &id)?,
        reset_link: rows::newest(conn, FINISH, &id)?.map(|link| (link.created_at, link.expires_at)),
        request,
        user,
        zone,
        link_is_good,
        link,
    }))
}
