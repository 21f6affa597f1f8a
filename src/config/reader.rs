//! Reads settings one by one and collects what is wrong with them, so that an operator sees every
//! problem at the first start and not one per start.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use config::{ConfigError, File, FileFormat, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::{Environment, Problem};
use crate::secrets::Secret;

const PREFIX: &str = "VESTIBULE_";

/// Every setting of `serve`, `section.key`. Others are refused: most are misspelled ones.
pub const SETTINGS: [&str; 55] = [
    "listen",
    "public_url",
    "installation",
    "terms_version",
    "terms_file",
    "key_file",
    "behind_proxy",
    "trusted_proxies",
    "drain_seconds",
    "metrics_token",
    "metrics_token_file",
    "database.url",
    "database.url_file",
    "database.pool",
    "tls.certificate",
    "tls.key",
    "smtp.host",
    "smtp.port",
    "smtp.tls",
    "smtp.ca_file",
    "smtp.user",
    "smtp.password",
    "smtp.password_file",
    "smtp.from_address",
    "smtp.from_name",
    "smtp.hello_name",
    "smtp.max_connections",
    "twilio.base_url",
    "twilio.account_sid",
    "twilio.auth_token",
    "twilio.auth_token_file",
    "twilio.sms_from",
    "twilio.messaging_service_sid",
    "twilio.call_from",
    "twilio.ca_file",
    "stripe.base_url",
    "stripe.secret_key",
    "stripe.secret_key_file",
    "stripe.webhook_secret",
    "stripe.webhook_secret_file",
    "stripe.ca_file",
    "stripe.redact_after_days",
    "oidc.name",
    "oidc.issuer",
    "oidc.client_id",
    "oidc.client_secret",
    "oidc.client_secret_file",
    "oidc.ca_file",
    "oidc.acr_values",
    "oidc.amr_values",
    "oidc.organization",
    "phones.countries",
    "phones.sends_per_day",
    // Known in order to be refused with a reason.
    "clock_offset",
    "data_dir",
];

/// Settings of demo mode, which `serve` refuses.
pub const DEMO_ONLY: [&str; 2] = ["clock_offset", "data_dir"];

/// Variables with our prefix that are read elsewhere.
const ELSEWHERE: [&str; 1] = ["VESTIBULE_LOG"];

pub struct Reader {
    values: config::Config,
    pub problems: Vec<Problem>,
}

impl Reader {
    pub fn open(path: &Path, environment: &Environment) -> Result<Self, Problem> {
        // The parser's later lines quote the file, and with it perhaps a password.
        let first_line = |e: ConfigError| e.to_string().lines().next().unwrap_or_default().to_owned();
        let file = path.display().to_string();
        if !path.is_file() {
            return Err(Problem::new("--config", format!("there is no file {file}")));
        }
        let source = File::from(path).format(FileFormat::Toml);
        let written = source.collect().map_err(|e| Problem::new("--config", first_line(e)))?;
        let mut problems = unknown(&written);
        let mut builder = config::Config::builder().add_source(source);
        for (name, value) in environment {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let key = rest.to_lowercase().replace("__", ".");
            if ELSEWHERE.contains(&name.as_str()) {
                continue;
            }
            if !SETTINGS.contains(&key.as_str()) {
                problems.push(Problem::new(name, "is not a setting; see docs/configuration.md for their names"));
                continue;
            }
            builder = builder
                .set_override(&key, value.as_str())
                .map_err(|e| Problem::new(name, format!("cannot be read: {}", first_line(e))))?;
        }
        let values = builder.build().map_err(|e| Problem::new("--config", first_line(e)))?;
        Ok(Self { values, problems })
    }

    pub fn refuse(&mut self, setting: &str, why: impl Into<String>) {
        self.problems.push(Problem::new(setting, why));
    }

    pub fn refuse_those_of_demo_mode(&mut self) {
        for setting in DEMO_ONLY.into_iter().filter(|setting| self.values.get::<Value>(setting).is_ok()) {
            self.problems.push(Problem::new(setting, "exists in demo mode only; take it out"));
        }
    }

    /// A setting that may be absent. The wrong value is not repeated: it may be a secret.
    pub fn get<T: DeserializeOwned>(&mut self, setting: &str, expected: &str) -> Option<T> {
        match self.values.get(setting) {
            Ok(value) => Some(value),
            Err(ConfigError::NotFound(_)) => None,
            Err(_) => {
                self.refuse(setting, format!("must be {expected}"));
                None
            }
        }
    }

    pub fn text(&mut self, setting: &str) -> Option<String> {
        self.get::<String>(setting, "text in quotes").filter(|text| !text.is_empty())
    }

    /// A file that must be there.
    pub fn file(&mut self, setting: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.text(setting)?);
        if let Err(e) = std::fs::File::open(&path) {
            self.refuse(setting, format!("{} cannot be read: {e}", path.display()));
        }
        Some(path)
    }

    /// A list; in the environment the parts stand between commas.
    pub fn list(&mut self, setting: &str) -> Option<Vec<String>> {
        let value: Value = self.get(setting, "a list of texts")?;
        let parts = match value.kind {
            ValueKind::String(text) => Some(text.split(',').map(|part| part.trim().to_owned()).collect()),
            ValueKind::Array(parts) => {
                parts.into_iter().map(|part| part.into_string().map(|text| text.trim().to_owned()).ok()).collect()
            }
            _ => None,
        };
        if parts.is_none() {
            self.refuse(setting, "must be a list of texts");
        }
        parts
    }

    /// A secret that stands here or in the file that `…_file` names.
    pub fn secret(&mut self, setting: &str) -> Option<Secret<String>> {
        let here = self.text(setting);
        let file_setting = format!("{setting}_file");
        let file = self.text(&file_setting).map(PathBuf::from);
        match (here, file) {
            (Some(_), Some(_)) => {
                self.refuse(setting, format!("is given twice; keep {file_setting} only"));
                None
            }
            (Some(text), None) => Some(Secret::new(text)),
            (None, Some(path)) => match read_secret(&path) {
                Ok(secret) => Some(secret),
                Err(why) => {
                    self.refuse(&file_setting, why);
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// Whether anything of a section is set.
    pub fn has(&self, section: &str) -> bool {
        self.values.get::<Value>(section).is_ok()
    }
}

fn read_secret(path: &Path) -> Result<Secret<String>, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{shown} cannot be read: {e}"))?;
    let text = Secret::new(text);
    closed_to_others(path)?;
    let trimmed = text.expose().trim_end_matches(['\r', '\n']);
    if trimmed.is_empty() { Err(format!("{shown} is empty")) } else { Ok(Secret::new(trimmed.to_owned())) }
}

/// Refuses a file with a secret that everybody on the machine may read. Its group may: that is how
/// container platforms and certificate tools hand secrets over.
pub fn closed_to_others(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let mode = std::fs::metadata(path).map_err(|e| format!("{shown} cannot be read: {e}"))?.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(format!("{shown} is open to everybody on this machine; run: chmod o= {shown}"));
    }
    Ok(())
}

fn unknown(written: &Map<String, Value>) -> Vec<Problem> {
    let mut found = Vec::new();
    for (key, value) in written {
        match &value.kind {
            ValueKind::Table(inner) => found.extend(inner.keys().map(|name| format!("{key}.{name}"))),
            _ => found.push(key.clone()),
        }
    }
    found.retain(|setting| !SETTINGS.contains(&setting.as_str()));
    found.sort_unstable();
    let why = "is not a setting; see docs/configuration.md for their names";
    found.into_iter().map(|setting| Problem::new(setting, why)).collect()
}
