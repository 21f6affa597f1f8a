//! Each unsafe or missing setting keeps `serve` from starting and names itself. ASVS 12.1.1, 13.3.2.

use std::fs;

use vestibule::config::{Config, DEMO_ONLY, Environment, Problem, SETTINGS};

use super::Setup;

/// A provider of domain accounts, a line per setting.
const OIDC: [&str; 4] = [
    "oidc.name = \"Northwind\"",
    "oidc.issuer = \"https://id.example.org\"",
    "oidc.client_id = \"vestibule\"",
    "oidc.client_secret = \"0123456789abcdef\"",
];

/// The problems of the safe configuration with one setting left out and lines added.
fn problems(setup: &Setup, without: &str, with: &[&str], environment: &[(&str, &str)]) -> Vec<Problem> {
    let mut lines = setup.lines();
    lines.retain(|line| without.is_empty() || !line.starts_with(without));
    lines.extend(with.iter().map(|line| (*line).to_owned()));
    let environment: Environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::load_from(&setup.write(&lines), &environment).err().unwrap_or_default()
}

#[test]
fn the_safe_configuration_is_taken() {
    let setup = Setup::new();
    assert_eq!(problems(&setup, "", &[], &[]), []);
    assert_eq!(problems(&setup, "", &OIDC, &[]), []);
}

/// ASVS 12.2.1, 12.3.1, 13.3.2.
#[test]
fn each_unsafe_setting_is_refused_by_its_name() {
    let setup = Setup::new();
    let open = setup.secret_file("open.txt", "secret", 0o644).display().to_string();
    let open_password = format!("smtp.password_file = \"{open}\"");
    let cases: &[(&str, &[&str], &str)] = &[
        ("database.url", &[], "database.url"),
        ("database.url", &["database.url = \"mysql://x\""], "database.url"),
        ("database.url", &["database.url = \"postgres://u@db.example/v\""], "database.url"),
        ("database.url", &["database.url = \"postgres://u@db.example/v?sslmode=require\""], "database.url"),
        ("public_url", &[], "public_url"),
        ("public_url", &["public_url = \"http://login.example.org\""], "public_url"),
        ("public_url", &["public_url = \"https://login.example.org/portal\""], "public_url"),
        ("listen", &[], "listen"),
        ("listen", &["listen = \"0.0.0.0:8443\""], "tls"),
        ("", &["tls.certificate = \"/nowhere.pem\""], "tls.key"),
        ("", &["tls.certificate = \"/nowhere.pem\"", "tls.key = \"/nowhere.pem\""], "tls.certificate"),
        ("", &["behind_proxy = true"], "trusted_proxies"),
        ("", &["behind_proxy = true", "trusted_proxies = [\"0.0.0.0/0\"]"], "trusted_proxies"),
        ("", &["trusted_proxies = [\"128.0.0.0/1\"]"], "trusted_proxies"),
        ("", &["trusted_proxies = [\"::/0\"]"], "trusted_proxies"),
        ("", &["trusted_proxies = [\"proxy.example.org\"]"], "trusted_proxies"),
        ("smtp", &[], "smtp"),
        ("smtp.host", &[], "smtp.host"),
        ("", &["smtp.tls = \"none\""], "smtp.tls"),
        ("", &["smtp.tls = \"maybe\""], "smtp.tls"),
        ("", &["smtp.user = \"portal\""], "smtp.user"),
        ("", &["smtp.user = \"portal\"", &open_password], "smtp.password_file"),
        ("", &["smtp.ca_file = \"/nowhere.pem\""], "smtp.ca_file"),
        ("key_file", &[], "key_file"),
        ("key_file", &["key_file = \"/nowhere.toml\""], "key_file"),
        ("", &["clock_offset = 60"], "clock_offset"),
        ("", &["data_dir = \"/var/lib/vestibule\""], "data_dir"),
        ("", &["metrics_token = \"short\""], "metrics_token"),
        ("", &["phones.countries = [\"+1\"]"], "phones.countries"),
        ("", &["database.pool = 0"], "database.pool"),
        ("", &["drain_seconds = 61"], "drain_seconds"),
        ("", &["stripe.secret_key = \"sk_live_0123456789\""], "stripe.webhook_secret"),
        ("", &["stripe.webhook_secret = \"whsec_0123456789\""], "stripe.secret_key"),
        ("", &["oidc.name = \"Northwind\""], "oidc.issuer"),
        ("", &[OIDC[0], OIDC[1], "oidc.client_secret = \"0123456789abcdef\""], "oidc.client_id"),
        ("", &[OIDC[0], OIDC[1], OIDC[2]], "oidc.client_secret"),
        ("", &[OIDC[0], OIDC[1], OIDC[2], "oidc.client_secret = \"short\""], "oidc.client_secret"),
        ("", &[OIDC[0], "oidc.issuer = \"http://id.example.org\"", OIDC[2], OIDC[3]], "oidc.issuer"),
        ("", &[OIDC[0], "oidc.issuer = \"https://169.254.169.254\"", OIDC[2], OIDC[3]], "oidc.issuer"),
        ("", &[OIDC[0], OIDC[1], OIDC[2], OIDC[3], "oidc.ca_file = \"/nowhere.pem\""], "oidc.ca_file"),
        ("", &[OIDC[0], OIDC[1], OIDC[2], OIDC[3], "oidc.amr_values = [\"pwd\"]"], "oidc.amr_values"),
        ("", &["stripe.secret_key = \"short\"", "stripe.webhook_secret = \"whsec_0123456789\""], "stripe.secret_key"),
        ("", &["twilio.account_sid = \"AC1\""], "twilio.auth_token"),
        (
            "",
            &[
                "twilio.account_sid = \"AC1\"",
                "twilio.auth_token = \"t\"",
                "twilio.sms_from = \"+16015550100\"",
                "twilio.call_from = \"+16015550100\"",
                "twilio.base_url = \"http://gateway.example\"",
            ],
            "twilio.base_url",
        ),
        ("", &["smpt.host = \"x\""], "smpt.host"),
        ("", &["debug = true"], "debug"),
    ];
    for (without, with, named) in cases {
        let found = problems(&setup, without, with, &[]);
        let names: Vec<&str> = found.iter().map(|p| p.setting.as_str()).collect();
        assert!(names.contains(named), "without {without:?}, with {with:?}: {found:?}");
        assert!(found.iter().all(|p| p.why.len() > 10), "each says what to do: {found:?}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let setup = Setup::new();
    let found = Config::load_from(&setup.write(&[]), &Environment::new()).err().unwrap_or_default();
    let names: Vec<&str> = found.iter().map(|p| p.setting.as_str()).collect();
    assert_eq!(names, ["listen", "database.url", "public_url", "key_file", "smtp"]);
}

/// ASVS 12.2.1, 13.3.2.
#[test]
fn a_proxy_or_tls_of_its_own_opens_other_addresses() {
    let setup = Setup::new();
    let listen = "listen = \"0.0.0.0:8443\"";
    let proxy = ["behind_proxy = true", "trusted_proxies = [\"10.0.0.0/24\", \"10.1.0.9\"]", listen];
    assert_eq!(problems(&setup, "listen", &proxy, &[]), []);

    let key = rcgen::KeyPair::generate().expect("a key is made");
    let params = rcgen::CertificateParams::new(vec!["login.example.org".to_owned()]).expect("a host name");
    let certificate = params.self_signed(&key).expect("it signs itself");
    let certificate = setup.secret_file("c.pem", &certificate.pem(), 0o644).display().to_string();
    let tls = |key: &str| {
        let lines = [format!("tls.certificate = \"{certificate}\""), format!("tls.key = \"{key}\"")];
        problems(&setup, "listen", &[&lines[0], &lines[1], listen], &[])
    };
    let closed = setup.secret_file("k.pem", &key.serialize_pem(), 0o600).display().to_string();
    assert_eq!(tls(&closed), []);
    let open = setup.secret_file("open.pem", &key.serialize_pem(), 0o644).display().to_string();
    assert_eq!(tls(&open)[0].setting, "tls.key");
    let other = rcgen::KeyPair::generate().expect("a key is made").serialize_pem();
    let other = setup.secret_file("other.pem", &other, 0o600).display().to_string();
    assert_eq!(tls(&other)[0].setting, "tls.key");
}

/// ASVS 13.3.2.
#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let setup = Setup::new();
    let text = fs::read_to_string(setup.path("keys.toml")).expect("the key file");
    for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o660, false), (0o700, false)] {
        fs::remove_file(setup.path("keys.toml")).expect("it goes");
        setup.secret_file("keys.toml", &text, mode);
        let found = problems(&setup, "", &[], &[]);
        assert_eq!(found.is_empty(), fine, "{mode:o}: {found:?}");
        assert!(found.iter().all(|p| p.setting == "key_file" && p.why.contains("chmod 600")), "{found:?}");
    }
}

/// ASVS 13.3.1.
#[test]
fn the_environment_goes_over_the_file_and_secrets_come_from_files() {
    let setup = Setup::new();
    let mut lines = setup.lines();
    let password = setup.secret_file("password.txt", "007\n", 0o640).display().to_string();
    lines.push("smtp.user = \"portal\"".into());
    let path = setup.write(&lines);
    let environment: Environment = [
        ("VESTIBULE_SMTP__PASSWORD_FILE", password.as_str()),
        ("VESTIBULE_SMTP__PORT", "2525"),
        ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.5, 10.0.1.0/24"),
        ("VESTIBULE_BEHIND_PROXY", "true"),
        ("VESTIBULE_LOG", "debug"),
        ("PATH", "/bin"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into();
    let config = Config::load_from(&path, &environment).unwrap_or_else(|problems| panic!("{problems:?}"));
    let smtp = config.smtp.clone().expect("smtp is set");
    assert_eq!(smtp.password.expect("a password").expose(), "007");
    assert_eq!(smtp.port, Some(2525));
    assert_eq!(config.trusted_proxies.len(), 2);
    assert!(config.behind_proxy && config.secure_cookies() && !config.demo);
    assert_eq!(config.host(), "login.example.org");
    assert!(!format!("{config:?}").contains("007"), "no secret in what a log may hold");

    let misspelled = [("VESTIBULE_SMTP_PASSWORD".to_owned(), "x".to_owned())].into();
    let found = Config::load_from(&path, &misspelled).err().unwrap_or_default();
    assert_eq!(found[0].setting, "VESTIBULE_SMTP_PASSWORD");
    assert_eq!(problems(&setup, "", &["smtp.user = \"p\""], &[("VESTIBULE_SMTP__PASSWORD", "1e5")]), []);
}

/// ASVS 16.2.5.
#[test]
fn a_broken_file_is_told_without_its_text() {
    let setup = Setup::new();
    let path = setup.write(&["smtp.password = \"canary".into()]);
    let found = Config::load_from(&path, &Environment::new()).err().unwrap_or_default();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].setting, "--config");
    assert!(!found[0].why.contains("canary"), "{found:?}");
}

#[test]
fn demo_mode_stays_on_this_machine() {
    let demo = |pairs: &[(&str, &str)]| {
        Config::demo_from(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    };
    let config = demo(&[]).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!((config.public_url.as_str(), config.clock_offset), ("http://127.0.0.1:8080", 0));
    assert!(config.demo && !config.secure_cookies());
    for (name, value) in [
        ("VESTIBULE_LISTEN", "0.0.0.0:8080"),
        ("VESTIBULE_LISTEN", "8080"),
        ("VESTIBULE_LISTEN", "[::]:8080"),
        ("VESTIBULE_CLOCK_OFFSET", "soon"),
    ] {
        let found = demo(&[(name, value)]).err().unwrap_or_default();
        assert_eq!(found.first().map(|p| p.setting.as_str()), Some(name), "{value}");
    }
    assert_eq!(demo(&[("VESTIBULE_CLOCK_OFFSET", "-90")]).map(|c| c.clock_offset).ok(), Some(-90));
}

#[test]
fn the_documentation_and_the_example_know_every_setting() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/configuration.md")).expect("the page");
    let example = fs::read_to_string(root.join("deploy/vestibule.toml.example")).expect("the example");
    for setting in SETTINGS.iter().filter(|s| !DEMO_ONLY.contains(s)) {
        assert!(page.contains(&format!("| `{setting}` |")), "{setting} is missing in docs/configuration.md");
        let key = setting.rsplit('.').next().unwrap_or(setting);
        assert!(example.contains(&format!("{key} = ")), "{setting} is missing in the example");
    }
}
