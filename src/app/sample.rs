//! The sample people of demo mode, put into the database once.

use std::collections::HashMap;

use futures_util::future::try_join_all;

use super::App;
use crate::db::Fault;
use crate::domain::sample::{self, SampleData};
use crate::secrets::Secret;

impl App {
    /// Makes sure that the sample people are there, and says who they are. All passwords are hashed
    /// side by side before the first row is written, so that a crash leaves all of them or none.
    pub async fn sample_people(&self) -> Result<SampleData, Fault> {
        let core = &self.core;
        let data = self.load_sample()?;
        if !core.db.read(sample::is_seeded).await? {
            let hashes = try_join_all(data.passwords().map(|(username, password)| self.hashed(username, password)));
            let hashes: HashMap<String, String> = hashes.await?.into_iter().collect();
            let (rows, keys, now) = (data.clone(), core.keys.clone(), core.clock.now());
            core.db.write(move |conn| sample::seed(conn, &rows, &hashes, &keys, now)).await?;
        }
        Ok(data)
    }

    /// Reads who the sample people are, or draws them, so that the sandbox knows their passwords before
    /// anybody can ask.
    pub fn load_sample(&self) -> Result<SampleData, Fault> {
        let data = sample::load_or_create(&self.config.data_dir, self.core.clock.now())?;
        if let Some(sandbox) = &self.sandbox {
            // A second call finds it set, to the same.
            let _ = sandbox.sample.set(data.clone());
        }
        Ok(data)
    }

    async fn hashed(&self, username: &str, password: &str) -> Result<(String, String), Fault> {
        let hash = self.core.hasher.hash_patiently(&Secret::new(password.to_owned())).await;
        Ok((username.to_owned(), hash.map_err(|e| Fault::Other(e.to_string()))?))
    }
}
