//! `vestibule create-owner --config FILE --organization NAME --email ADDRESS …`

use super::{ConfigFile, Stop, block_on, logging, print};
use crate::app::App;
use crate::domain::people::first_owner::{self, Founded, Founding};
use crate::domain::registration::details::Details;

#[derive(clap::Args)]
pub struct CreateOwner {
    #[command(flatten)]
    file: ConfigFile,
    /// The name of the new organization
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// Its NPI, if it has one
    #[arg(long, default_value = "")]
    npi: String,
    /// The zone its times are shown in
    #[arg(long, default_value = "America/Chicago")]
    time_zone: String,
    /// Where the invitation of the account holder goes
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The account holder's username; what stands before the @ unless it is given
    #[arg(long)]
    username: Option<String>,
    #[arg(long)]
    first_name: String,
    #[arg(long)]
    last_name: String,
}

impl CreateOwner {
    fn founding(&self) -> Founding {
        let before_at = || self.email.split('@').next().unwrap_or_default().replace('+', "-");
        let owner = Details {
            username: self.username.clone().unwrap_or_else(before_at),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            email: self.email.clone(),
            ..Details::default()
        };
        Founding {
            organization: self.organization.clone(),
            npi: self.npi.clone(),
            time_zone: self.time_zone.clone(),
            owner,
        }
    }
}

pub fn run(owner: &CreateOwner) -> Result<(), Stop> {
    logging::commands()?;
    let app = App::build(owner.file.load()?)?;
    let founded = block_on(async { first_owner::create(&app.core, &owner.founding()).await.map_err(Stop::failed) })?;
    match founded {
        Founded::Done { link: Some(link), organization_id } => {
            print::line(format_args!(
                "{} was made. Its account holder goes on here, within 24 hours:\n{link}",
                owner.organization
            ));
            print::line(format_args!("The same link is mailed to {} while the portal runs.", owner.email));
            print::line(format_args!(
                "Other commands find the organization by its name, its NPI or its id: {organization_id}"
            ));
            Ok(())
        }
        Founded::Done { link: None, organization_id } => {
            print::line(format_args!(
                "{} was made. {} has an account and was invited; it counts once",
                owner.organization, owner.email
            ));
            print::line(format_args!("they sign in and accept at {}/invitations", app.core.settings.public_url));
            print::line(format_args!(
                "Other commands find the organization by its name, its NPI or its id: {organization_id}"
            ));
            Ok(())
        }
        Founded::Problems(problems) => {
            let lines: Vec<String> = problems.iter().map(|(field, text)| format!("{field}: {text}")).collect();
            Err(Stop::Failed(lines.join("\n")))
        }
        Founded::Over => Err(Stop::failed("the organization could not be made; try again")),
    }
}
