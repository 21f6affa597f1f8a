//! People of the driver's own demo with an authenticator each: a code is good once, so that a storm in
//! which every sign-in has a second step needs many of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use data_encoding::BASE32_NOPAD;
use vestibule::app::App;
use vestibule::clock::Timestamp;
use vestibule::config::Config;
use vestibule::db::{DbConnection, Fault};
use vestibule::models::factors::{self, Factor};
use vestibule::models::memberships::{self, Membership};
use vestibule::models::profiles::{self, Profile};
use vestibule::models::users::{self, User};
use vestibule::models::{FactorKind, new_id};
use vestibule::secrets::random;
use vestibule::secrets::{KeyRing, Secret};

use super::Failure;
use super::people::Person;

/// One of the sample people, with an authenticator and nothing else: everybody here is a copy.
const MODEL: &str = "app.only";

/// The settings of the driver's own demo: data in `folder`, a free port, this database.
pub fn settings(folder: &Path, database: Option<&str>) -> Config {
    let mut config = Config::demo_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), folder, 0);
    if let Some(url) = database {
        config.database_url = Secret::new(url.to_owned());
    }
    config
}

/// Fills the demo's database before it is served, and says who is new there. All have the model's
/// password, so that nothing is hashed for them.
pub async fn fill(config: Config, many: usize) -> Result<Vec<Person>, Failure> {
    let app = App::build(config)?;
    let sample = app.sample_people().await.map_err(|fault| fault.to_string())?;
    let password =
        sample.people.get(MODEL).and_then(|model| model.password.clone()).ok_or("the model has no password")?;
    let (keys, now) = (app.core.keys.clone(), app.core.clock.now());
    let filled = app.core.db.write(move |conn| {
        let model = Model::find(conn)?;
        (0..many).map(|n| model.copy(conn, n, &keys, now)).collect::<Result<Vec<_>, Fault>>()
    });
    let people = filled.await.map_err(|fault| fault.to_string())?;
    Ok(people.into_iter().map(|(user, key)| Person::with_authenticator(user.id, user.email, &password, key)).collect())
}

struct Model {
    user: User,
    profile: Profile,
    membership: Membership,
    factor: Factor,
}

impl Model {
    fn find(conn: &mut DbConnection) -> Result<Self, Fault> {
        let missing = |what: &str| Fault::Other(format!("{MODEL} has no {what}"));
        let user = users::find_by_username(conn, MODEL)?.ok_or_else(|| missing("account"))?;
        let profile = profiles::find(conn, &user.id)?.ok_or_else(|| missing("profile"))?;
        let membership = memberships::list(conn, &user.id)?.pop().ok_or_else(|| missing("membership"))?;
        let factor = factors::list(conn, &user.id)?.pop().filter(|factor| factor.kind == FactorKind::Authenticator);
        Ok(Self { profile, membership, factor: factor.ok_or_else(|| missing("authenticator"))?, user })
    }

    /// Writes the copy with this number; the key of its authenticator in base32 comes with it.
    fn copy(&self, conn: &mut DbConnection, n: usize, keys: &KeyRing, now: Timestamp) -> Result<(User, String), Fault> {
        let (id, username) = (new_id(now), format!("crowd.{n}"));
        let email = format!("{username}@crowd.example");
        let user = User {
            id: id.clone(),
            username_lower: username.clone(),
            username,
            email_lower: email.clone(),
            email,
            ..self.user.clone()
        };
        users::insert(conn, &user)?;
        profiles::insert(conn, &Profile { user_id: id.clone(), ..self.profile.clone() })?;
        memberships::insert(conn, &Membership { id: new_id(now), user_id: id.clone(), ..self.membership.clone() })?;
        let (factor_id, key) = (new_id(now), random::bytes::<20>());
        let sealed = keys.seal(&factors::secret_place(&factor_id), &key)?;
        let (secret, secret_key_id) = (Some(sealed.bytes), Some(sealed.key_id));
        factors::insert(conn, &Factor { id: factor_id, user_id: id, secret, secret_key_id, ..self.factor.clone() })?;
        Ok((user, BASE32_NOPAD.encode(&key)))
    }
}
