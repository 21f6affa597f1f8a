//! `vestibule serve --config FILE`

use std::sync::Arc;

use super::{ConfigFile, Stop, background, block_on, listen, logging};
use crate::app::{self, App};
use crate::routes;

pub fn run(file: &ConfigFile) -> Result<(), Stop> {
    logging::json()?;
    let mut config = file.load()?;
    let listener = listen(&mut config)?;
    let app = Arc::new(App::build(config)?);
    block_on(async {
        let server = app::run(app.clone(), listener, routes::configure).await.map_err(Stop::failed)?;
        let worker = background::start(&app)?;
        tracing::info!(listen = %app.config.listen, public_url = app.config.public_url, "serving");
        server.await.map_err(Stop::failed)?;
        tracing::info!("ended");
        worker.stop().await;
        Ok(())
    })
}
