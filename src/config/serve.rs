//! The settings of `serve`, and which of them are not safe to run with.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

use super::reader::Reader;
use super::{
    Config, DATABASE_POOL, DRAIN_SECONDS, Environment, INSTALLATION, PHONE_COUNTRIES, Problem, SITE_SENDS_PER_DAY,
    TERMS, TERMS_VERSION, TlsFiles, keys,
};
use crate::domain::limits::{DRAIN_MOST, IDENTITY_RECORD, METRICS_TOKEN_LENGTH};
use crate::identity::oidc::OidcSettings;
use crate::identity::stripe::StripeSettings;
use crate::outbox::email::{SmtpSettings, SmtpTls};
use crate::outbox::twilio::TwilioSettings;
use crate::secrets::Secret;

pub fn load(path: &Path, environment: &Environment) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader::open(path, environment).map_err(|problem| vec![problem])?;
    let r = &mut reader;
    r.refuse_those_of_demo_mode();
    let (listen, tls) = (listen(r), tls(r));
    let behind_proxy = r.get("behind_proxy", "true or false").unwrap_or(false);
    let config = Config {
        demo: false,
        listen,
        data_dir: PathBuf::new(),
        database_url: database_url(r),
        database_pool: database_pool(r),
        public_url: public_url(r),
        installation: r.text("installation").unwrap_or_else(|| INSTALLATION.into()),
        behind_proxy,
        trusted_proxies: trusted_proxies(r, behind_proxy),
        tls,
        key_file: key_file(r),
        drain_seconds: drain_seconds(r),
        metrics_token: metrics_token(r),
        smtp: smtp(r),
        twilio: twilio(r),
        stripe: stripe(r),
        oidc: oidc(r),
        phone_countries: phone_countries(r),
        site_sends_per_day: sends_per_day(r),
        terms_version: r.text("terms_version").unwrap_or_else(|| TERMS_VERSION.into()),
        terms: terms(r),
        clock_offset: 0,
    };
    if config.tls.is_none() && !config.behind_proxy && !config.listen.ip().is_loopback() {
        let why = "is missing: give tls.certificate and tls.key, or set behind_proxy = true where a proxy ends TLS, \
                   or listen on 127.0.0.1";
        r.refuse("tls", why);
    }
    if reader.problems.is_empty() { Ok(config) } else { Err(reader.problems) }
}

fn listen(r: &mut Reader) -> SocketAddr {
    let fallback = SocketAddr::from(([127, 0, 0, 1], 8443));
    let Some(text) = r.text("listen") else {
        r.refuse("listen", "is missing; give an address and a port, such as 0.0.0.0:443");
        return fallback;
    };
    text.parse().unwrap_or_else(|_| {
        r.refuse("listen", "must be an address and a port, such as 0.0.0.0:443");
        fallback
    })
}

fn tls(r: &mut Reader) -> Option<TlsFiles> {
    match (r.text("tls.certificate"), r.text("tls.key")) {
        (Some(certificate), Some(key)) => {
            let files = TlsFiles { certificate: certificate.into(), key: key.into() };
            if let Err(problem) = files.server_config() {
                r.problems.push(problem);
            }
            Some(files)
        }
        (None, None) => None,
        (certificate, _) => {
            let missing = if certificate.is_none() { "tls.certificate" } else { "tls.key" };
            r.refuse(missing, "is missing; certificate and key go together");
            None
        }
    }
}

fn public_url(r: &mut Reader) -> String {
    let Some(text) = r.text("public_url") else {
        r.refuse("public_url", "is missing; give the address that people type, such as https://login.example.org");
        return String::new();
    };
    let text = text.trim_end_matches('/').to_owned();
    match Url::parse(&text) {
        Ok(url) if url.scheme() != "https" => {
            r.refuse("public_url", "must begin with https://; passwords do not travel in the clear");
        }
        Ok(url) if url.origin().ascii_serialization() == text => {}
        _ => r.refuse("public_url", "must be https://, a host in lower case, a port unless it is 443, and no more"),
    }
    text
}

fn trusted_proxies(r: &mut Reader, behind_proxy: bool) -> Vec<IpNet> {
    let mut nets = Vec::new();
    for text in r.list("trusted_proxies").unwrap_or_default() {
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        match net {
            Ok(net) if is_too_wide(&net) => {
                let why = format!("{net} lets anybody claim any address; name the proxies themselves");
                r.refuse("trusted_proxies", why);
            }
            Ok(net) => nets.push(net),
            Err(_) => r.refuse("trusted_proxies", "must hold addresses or networks, such as 10.0.0.5 or 10.0.0.0/24"),
        }
    }
    if behind_proxy && nets.is_empty() {
        r.refuse("trusted_proxies", "is missing; with behind_proxy = true, name the addresses of the proxies");
    }
    nets
}

/// Wider than any network of one's own: 10.0.0.0/8 passes, 0.0.0.0/0 and its halves do not.
fn is_too_wide(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() < 8,
        IpNet::V6(net) => net.prefix_len() < 16,
    }
}

fn database_url(r: &mut Reader) -> Secret<String> {
    let Some(url) = r.secret("database.url") else {
        if !r.problems.iter().any(|p| p.setting.starts_with("database.url")) {
            r.refuse(
                "database.url",
                "is missing; give sqlite:PATH or postgres://… or name a file in database.url_file",
            );
        }
        return Secret::default();
    };
    let text = url.expose();
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        if let Err(why) = check_postgres(text) {
            r.refuse("database.url", why);
        }
    } else if text.strip_prefix("sqlite:").is_none_or(str::is_empty) {
        r.refuse("database.url", "must begin with sqlite: or postgres://");
    }
    url
}

/// Over a network only with a verified certificate. ASVS 12.3.1. libpq reads the host from the URL,
/// from `host` and from `hostaddr`; each of them has to be this machine.
fn check_postgres(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL such as postgres://user@host/name")?;
    let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let all = |name: &'static str| parameters.iter().filter(move |(k, _)| k == name).map(|(_, v)| v.as_str());
    if all("sslmode").eq(["verify-full"]) {
        return Ok(());
    }
    if all("service").next().is_some() {
        return Err("must name its host; a service file cannot be checked here");
    }
    let mut hosts: Vec<String> =
        all("host").chain(all("hostaddr")).flat_map(|v| v.split(',')).map(Into::into).collect();
    if let Some(host) = url.host_str().filter(|h| !h.is_empty()) {
        // The socket's folder may stand in place of the host, percent-encoded.
        hosts.push(host.replace("%2F", "/").replace("%2f", "/"));
    }
    if hosts.is_empty() {
        return Err("must name its host, such as localhost or ?host=/run/postgresql");
    }
    let local = |host: &String| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.starts_with('/')
            || host.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    };
    if hosts.iter().all(local) {
        Ok(())
    } else {
        Err("reaches the database over a network, so it needs ?sslmode=verify-full (and sslrootcert=FILE)")
    }
}

fn database_pool(r: &mut Reader) -> u32 {
    let pool = r.get("database.pool", "a number from 1 to 200").unwrap_or(DATABASE_POOL);
    if !(1..=200).contains(&pool) {
        r.refuse("database.pool", "must be a number from 1 to 200");
    }
    pool
}

fn drain_seconds(r: &mut Reader) -> u64 {
    let expected = format!("a number from 0 to {DRAIN_MOST}");
    let seconds = r.get("drain_seconds", &expected).unwrap_or(DRAIN_SECONDS);
    if seconds > DRAIN_MOST {
        r.refuse("drain_seconds", format!("must be {expected}"));
    }
    seconds
}

fn key_file(r: &mut Reader) -> PathBuf {
    let Some(path) = r.text("key_file").map(PathBuf::from) else {
        r.refuse("key_file", "is missing; make one with `vestibule new-keys FILE` and name it here");
        return PathBuf::new();
    };
    if let Err(problem) = keys::load(&path) {
        r.problems.push(problem);
    }
    path
}

fn metrics_token(r: &mut Reader) -> Option<Secret<String>> {
    let token = r.secret("metrics_token");
    if token.as_ref().is_some_and(|t| t.expose().len() < METRICS_TOKEN_LENGTH) {
        r.refuse("metrics_token", format!("must have {METRICS_TOKEN_LENGTH} characters or more, drawn at random"));
    }
    token
}

fn smtp(r: &mut Reader) -> Option<SmtpSettings> {
    if !r.has("smtp") {
        r.refuse("smtp", "is missing; codes and links go out by e-mail, so [smtp] needs host and from_address");
        return None;
    }
    let host = required(r, "smtp.host", "name the mail server")?;
    let from_address = required(r, "smtp.from_address", "give the address that e-mails come from")?;
    let tls: SmtpTls =
        r.get("smtp.tls", "\"implicit\", \"starttls\" or, on this machine only, \"none\"").unwrap_or_default();
    let settings = SmtpSettings {
        host,
        port: r.get("smtp.port", "a port number"),
        tls,
        ca_file: r.file("smtp.ca_file"),
        user: r.text("smtp.user"),
        password: r.secret("smtp.password"),
        from_address,
        from_name: r.text("smtp.from_name").unwrap_or_else(|| INSTALLATION.into()),
        hello_name: r.text("smtp.hello_name"),
        max_connections: r.get("smtp.max_connections", "a number from 1 to 64").unwrap_or(4),
    };
    if let Err(e) = settings.validate() {
        r.refuse(e.setting, e.why);
    }
    Some(settings)
}

fn twilio(r: &mut Reader) -> Option<TwilioSettings> {
    if !r.has("twilio") {
        return None;
    }
    let account_sid = required(r, "twilio.account_sid", "give the account of the gateway");
    let auth_token = r.secret("twilio.auth_token");
    if auth_token.is_none() && !r.problems.iter().any(|p| p.setting.starts_with("twilio.auth_token")) {
        r.refuse("twilio.auth_token", "is missing; give it, or name its file in twilio.auth_token_file");
    }
    let settings = TwilioSettings {
        base_url: r.text("twilio.base_url").unwrap_or_else(|| "https://api.twilio.com".into()),
        account_sid: account_sid?,
        auth_token: auth_token?,
        sms_from: r.text("twilio.sms_from"),
        messaging_service_sid: r.text("twilio.messaging_service_sid"),
        call_from: r.text("twilio.call_from"),
        ca_file: r.file("twilio.ca_file"),
    };
    if let Err(e) = settings.validate() {
        r.refuse(e.setting, e.why);
    }
    Some(settings)
}

fn stripe(r: &mut Reader) -> Option<StripeSettings> {
    if !r.has("stripe") {
        return None;
    }
    let mut secret = |setting: &str, what: &str| {
        let secret = r.secret(setting);
        if secret.is_none() && !r.problems.iter().any(|p| p.setting.starts_with(setting)) {
            r.refuse(setting, format!("is missing; {what}, or name its file in {setting}_file"));
        }
        secret
    };
    let secret_key = secret("stripe.secret_key", "give the account's key");
    let webhook_secret = secret("stripe.webhook_secret", "give the signing secret of the endpoint /hooks/stripe");
    let settings = StripeSettings {
        base_url: r.text("stripe.base_url").unwrap_or_else(|| "https://api.stripe.com".into()),
        secret_key: secret_key?,
        webhook_secret: webhook_secret?,
        ca_file: r.file("stripe.ca_file"),
        redact_after_days: r
            .get("stripe.redact_after_days", "a number of days")
            .unwrap_or(IDENTITY_RECORD.whole_days()),
    };
    if let Err(e) = settings.validate() {
        r.refuse(e.setting, e.why);
    }
    Some(settings)
}

fn oidc(r: &mut Reader) -> Option<OidcSettings> {
    if !r.has("oidc") {
        return None;
    }
    let name = required(r, "oidc.name", "say what people call the domain");
    let issuer = required(r, "oidc.issuer", "give the provider's issuer, such as https://id.example.org");
    let client_id = required(r, "oidc.client_id", "give what the provider calls this portal");
    let client_secret = r.secret("oidc.client_secret");
    if client_secret.is_none() && !r.problems.iter().any(|p| p.setting.starts_with("oidc.client_secret")) {
        r.refuse("oidc.client_secret", "is missing; give it, or name its file in oidc.client_secret_file");
    }
    let settings = OidcSettings {
        name: name?,
        issuer: issuer?,
        client_id: client_id?,
        client_secret: client_secret?,
        ca_file: r.file("oidc.ca_file"),
        acr_values: r.list("oidc.acr_values").unwrap_or_default(),
        amr_values: r.list("oidc.amr_values").unwrap_or_else(|| vec!["mfa".into()]),
        organization: r.text("oidc.organization"),
    };
    if let Err(e) = settings.validate() {
        r.refuse(e.setting, e.why);
    }
    Some(settings)
}

fn phone_countries(r: &mut Reader) -> Vec<String> {
    let countries = r.list("phones.countries").unwrap_or_else(|| vec![PHONE_COUNTRIES.into()]);
    let is_code =
        |c: &String| (1..=3).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_digit()) && !c.starts_with('0');
    if countries.is_empty() || !countries.iter().all(is_code) {
        r.refuse("phones.countries", "must hold country calling codes without the plus sign, such as [\"1\"]");
    }
    countries
}

/// The text of the terms; a file that is named must hold some.
fn terms(r: &mut Reader) -> String {
    let Some(path) = r.text("terms_file").map(PathBuf::from) else { return TERMS.into() };
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return text,
        Ok(_) => r.refuse("terms_file", format!("{} is empty", path.display())),
        Err(e) => r.refuse("terms_file", format!("{} cannot be read as UTF-8 text: {e}", path.display())),
    }
    String::new()
}

fn sends_per_day(r: &mut Reader) -> i64 {
    let sends = r.get("phones.sends_per_day", "a whole number").unwrap_or(SITE_SENDS_PER_DAY);
    if sends < 1 {
        r.refuse("phones.sends_per_day", "must be 1 or more");
    }
    sends
}

fn required(r: &mut Reader, setting: &str, what: &str) -> Option<String> {
    let value = r.text(setting);
    if value.is_none() && !r.problems.iter().any(|p| p.setting == setting) {
        r.refuse(setting, format!("is missing; {what}"));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 12.3.1 to 12.3.3.
    #[test]
    fn postgres_goes_over_a_network_with_a_verified_certificate_only() {
        for good in [
            "postgres://u@localhost/v",
            "postgres://u:p@127.0.0.1:5433/v",
            "postgres://u@[::1]/v",
            "postgres:///v?host=/run/postgresql",
            "postgres://u@%2Frun%2Fpostgresql/v",
            "postgres://db.example/v?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        ] {
            assert_eq!(check_postgres(good), Ok(()), "{good}");
        }
        for bad in [
            "postgres://u@db.example/v",
            "postgres://u@db.example/v?sslmode=require",
            "postgres://u@10.0.0.4/v?sslmode=verify-ca",
            "postgres://u@localhost/v?host=db.example",
            "postgres://u@localhost/v?hostaddr=10.0.0.4",
            "postgres://u@localhost/v?service=other",
            "postgres:///v",
            "postgres://u@db.example/v?sslmode=verify-full&sslmode=disable",
        ] {
            assert!(check_postgres(bad).is_err(), "{bad}");
        }
    }
}
