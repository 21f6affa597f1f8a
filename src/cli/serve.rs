//! `vestibule serve --config FILE`

use std::sync::Arc;

use super::{ConfigFile, Stop, background, block_on, listen, logging, print};
use crate::app::{self, App};
use crate::domain::people::first_owner as setup;
use crate::routes;

pub fn run(file: &ConfigFile) -> Result<(), Stop> {
    logging::json()?;
    let mut config = file.load()?;
    let listener = listen(&mut config)?;
    let app = Arc::new(App::build(config)?);
    let served = block_on(async {
        app::notice_restore(&app).await.map_err(Stop::failed)?;
        let server = app::run(app.clone(), listener, routes::configure).await.map_err(Stop::failed)?;
        let worker = background::start(&app)?;
        first_owner(&app).await?;
        tracing::info!(listen = %app.config.listen, public_url = app.config.public_url, "serving");
        server.await.map_err(Stop::failed)?;
        tracing::info!("ended");
        worker.stop().await;
        Ok(())
    });
    app.core.db.close();
    served
}

/// An installation without anybody prints where its first account holder is made. ASVS 6.3.2.
async fn first_owner(app: &App) -> Result<(), Stop> {
    if let Some(token) = setup::token(&app.core).await.map_err(Stop::failed)? {
        print::line(format_args!(
            "There is nobody here yet. Open this address within 24 hours to make the first account holder:\n\
             {}/setup/first-owner/{}",
            app.core.settings.public_url,
            token.expose()
        ));
    }
    Ok(())
}
