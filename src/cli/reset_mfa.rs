//! `vestibule reset-mfa --config FILE --reason TEXT [--yes] USER`: break-glass, for when nobody can sign in
//! who could reset somebody. Every administrator of the person is told.

use super::{ConfigFile, Stop, block_on, confirmed, logging, print};
use crate::app::App;
use crate::domain::mfa_reset::break_glass::{self, Meant};
use crate::domain::mfa_reset::{self, Preview, Receipt, Removal, Verdict};

#[derive(clap::Args)]
pub struct ResetMfa {
    #[command(flatten)]
    file: ConfigFile,
    /// Why; the person's administrators read it, and it stays in the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask before it is done
    #[arg(long)]
    yes: bool,
    /// Whose factors: a username, an e-mail address or a user id
    user: String,
}

pub fn run(command: &ResetMfa) -> Result<(), Stop> {
    logging::commands()?;
    let config = command.file.load()?;
    if command.reason.trim().is_empty() {
        return Err(Stop::failed("--reason has to say why"));
    }
    if mfa_reset::is_too_long(&command.reason) {
        return Err(Stop::failed(mfa_reset::reason_too_long()));
    }
    let app = App::build(config)?;
    block_on(async {
        let user = match break_glass::find(&app.core, &command.user).await.map_err(Stop::failed)? {
            Meant::One(user) => user,
            Meant::Nobody => return Err(Stop::Failed(format!("there is nobody called {}", command.user))),
            Meant::Several => {
                return Err(Stop::Failed(format!("{} may be one of several people; give the user id", command.user)));
            }
        };
        let found = break_glass::look(&app.core, &user).await.map_err(Stop::failed)?;
        let Some((person, removal)) = found.as_ref().and_then(verdict) else {
            return Err(Stop::failed("the account is gone by now"));
        };
        print::line(format_args!("{} ({}, {}), {}", person.name, person.username, user.email, belongs(person)));
        if removal.is_empty() {
            print::line("There is nothing to reset, and nobody was told.");
            return Ok(());
        }
        preview(removal);
        let question = || format!("Reset MFA for {} ({})?", person.name, person.username);
        if !command.yes && !confirmed(&question())? {
            return Err(Stop::failed("nothing was changed"));
        }
        let done = break_glass::reset(&app.core, &user, &command.reason, &run_by()).await.map_err(Stop::failed)?;
        tell(&done.map_err(|_| Stop::failed("the account is gone by now; nothing was changed"))?);
        Ok(())
    })
}

fn verdict(person: &Preview) -> Option<(&Preview, &Removal)> {
    match &person.verdict {
        Verdict::Go(removal) => Some((person, removal)),
        _ => None,
    }
}

fn belongs(person: &Preview) -> String {
    if person.organizations.is_empty() { "in no organization".into() } else { person.organizations.join(", ") }
}

fn preview(removal: &Removal) {
    print::line("This goes:");
    for words in removal.deleted_words() {
        print::line(format_args!("  {words}"));
    }
    if let Some(tokens) = removal.deactivated_words() {
        print::line(format_args!("  {tokens}, deactivated and still assigned"));
    }
    if removal.unlocked {
        print::line("  the pause after wrong codes");
    }
    print::line("Sessions, remembered browsers, codes and links end. The password stays.");
    print::line("The person, all administrators and the operators are told, with the reason.");
}

fn tell(receipt: &Receipt) {
    print::line(format_args!("The factors were reset. Reference {}.", receipt.reference));
    if receipt.results.iter().any(|done| done.removal.setup_required) {
        print::line("A factor has to be set up at the next sign-in.");
    }
    print::line("The mails go out while the portal runs.");
}

/// Who runs this, as the system knows them, and who became that user by `sudo`.
fn run_by() -> String {
    let uid = rustix::process::getuid().as_raw();
    let name = name_of(uid).unwrap_or_else(|| "unknown".into());
    match std::env::var("SUDO_USER") {
        Ok(before) => format!("{name} (uid {uid}), {} by sudo", before.chars().take(64).collect::<String>()),
        Err(_) => format!("{name} (uid {uid})"),
    }
}

fn name_of(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(uid)).then(|| name.to_owned())
    })
}
